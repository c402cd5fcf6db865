import type { Resource } from '../otlp/resource.js';
import { type PushTarget, senderFor } from '../start/push-outlets.js';
import type { DoctorFinding } from './finding.js';
import { testSpan } from './test-span.js';

/** Clocks farther apart than this put spans of one trace visibly in the wrong order. */
const MAX_SKEW_MS = 2000;
const LOOK_MS = 2000;

/** Sends a span to one receiver, compares the clocks, and reads the span back where the receiver can be read. */
export async function checkEndpoint(
  target: PushTarget,
  resource: Resource,
  jaegerQueryUrl = `http://${target.http.url.hostname}:16686`,
): Promise<readonly DoctorFinding[]> {
  const sender = senderFor(target, resource);
  const span = testSpan();
  const begun = performance.now();
  const result = await sender.send({ signal: 'spans', spans: [span] }, AbortSignal.timeout(target.http.timeoutMs));
  const tookMs = Math.round(performance.now() - begun);
  sender.close();
  const { name: subject, protocol } = target;
  const where = `${sender.target} (${protocol})`;
  if (result.kind === 'delivered' && result.rejected === 0) {
    const delivered: DoctorFinding = { level: 'ok', subject, message: `${where} took a test span in ${tookMs} ms` };
    const more = await Promise.all([
      checkClock(target),
      readBack(target, span.traceId, jaegerQueryUrl.replace(/\/$/, '')),
    ]);
    return [delivered, ...more.filter((finding) => finding !== undefined)];
  }
  const why = result.why ?? '';
  if (result.kind === 'delivered') {
    return [
      {
        level: 'problem',
        subject,
        message: `${where} rejected the test span: ${why}`,
        remedy: 'Ask the receiver’s log why.',
      },
    ];
  }
  return [
    { level: 'problem', subject, message: `${where} did not take a test span: ${why}`, remedy: remedyFor(target, why) },
  ];
}

function remedyFor({ protocol, http }: PushTarget, why: string): string {
  if (why.includes('ECONNREFUSED'))
    return `Nothing listens on ${http.url.host}: start the receiver, or correct the endpoint.`;
  if (why.includes('ENOTFOUND') || why.includes('EAI_AGAIN'))
    return `The name ${http.url.hostname} is not known here: correct the endpoint.`;
  if (/certificate|CERT|self.signed/i.test(why)) return 'Name the authority with telemetry.otlp_certificate.';
  if (/HTTP 40[13]/.test(why)) return 'Give the credentials with telemetry.otlp_headers.';
  const other = protocol === 'grpc' ? 'http' : 'grpc';
  return `Check the port: OTLP over HTTP is usually on 4318, gRPC on 4317; or set telemetry.otlp_protocol to "${other}".`;
}

/** HTTP answers carry the receiver's clock, whatever their status. */
async function checkClock({ name: subject, protocol, http }: PushTarget): Promise<DoctorFinding | undefined> {
  if (protocol === 'grpc') return undefined;
  const sentMs = Date.now();
  const answer = await look(http.url.href);
  const date = Date.parse(answer?.headers.get('date') ?? '');
  if (Number.isNaN(date)) return undefined;
  // The header has whole seconds: half a second either way is no skew.
  const skewMs = date + 500 - (sentMs + Date.now()) / 2;
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return undefined;
  const seconds = Math.abs(skewMs / 1000).toFixed(1);
  const message = `the receiver's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this one`;
  return {
    level: 'warning',
    subject,
    message,
    remedy: 'Synchronise both clocks (NTP): spans of one trace will not line up.',
  };
}

/** Jaeger answers queries on 16686: `/api/v3/traces` since version 2, `/api/traces` before. */
async function readBack(
  { name: subject }: PushTarget,
  traceId: string,
  base: string,
): Promise<DoctorFinding | undefined> {
  if (subject !== 'jaeger') return undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    for (const path of [`/api/v3/traces/${traceId}`, `/api/traces/${traceId}`]) {
      const answer = await look(base + path);
      if (answer === undefined) {
        return { level: 'note', subject, message: `${base} does not answer: the test span could not be read back` };
      }
      if (answer.ok && (await answer.text()).includes('doctor')) {
        return { level: 'ok', subject, message: `${base} gives the test span back` };
      }
    }
    // What was just sent is not searchable at once.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    level: 'warning',
    subject,
    message: `${base} does not know the test span`,
    remedy: 'Check that it reads the same storage as the collector.',
  };
}

async function look(url: string): Promise<Response | undefined> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(LOOK_MS) });
  } catch {
    return undefined;
  }
}
