import { context as contextApi, trace as traceApi } from '@opentelemetry/api';
import { fromApiContext } from '../tracing/api-context.js';
import type { Activation } from '../tracing/span-backend.js';
import { ApiSpanView } from './api-span-view.js';

/** The active span in OpenTelemetry's context: users' spans and instrumented libraries become children of Sabot's. */
export const apiActivation: Activation = {
  active: () => {
    const span = traceApi.getActiveSpan();
    if (span === undefined) return undefined;
    return span instanceof ApiSpanView ? span.handle : fromApiContext(span.spanContext());
  },
  run: (span, fn) => contextApi.with(traceApi.setSpan(contextApi.active(), new ApiSpanView(span)), fn),
};
