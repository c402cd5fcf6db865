import { type ProxyTracerProvider, trace as traceApi } from '@opentelemetry/api';

/** Whether somebody registered a tracer provider: one stands behind the API's proxy, or in its place. */
export function sdkRegistered(): boolean {
  const provider = traceApi.getTracerProvider() as Partial<ProxyTracerProvider>;
  return provider.getDelegateTracer === undefined || provider.getDelegateTracer('sabot.probe') !== undefined;
}
