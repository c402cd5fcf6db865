import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { examineTelemetry, resolveConfig, startObservability } from '../../src/sdk.js';
import { temporaryFolder } from '../temporary-folder.js';

/** A program of the system, not of a package. */
const openssl = 'openssl';
const hasOpenssl = spawnSync(openssl, ['version']).status === 0;
if (!hasOpenssl) console.warn('SKIPPED: openssl is not installed');

interface SecureReceiver {
  readonly url: string;
  readonly certificate: string;
  readonly headers: Record<string, unknown>[];
}

async function startSecureReceiver(): Promise<SecureReceiver> {
  const folder = temporaryFolder();
  const key = join(folder, 'key.pem');
  const certificate = join(folder, 'certificate.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  spawnSync(openssl, [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ]);
  const headers: Record<string, unknown>[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    headers.push({ ...request.headers });
    request.resume().on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, certificate, headers };
}

const quiet = { enabled: true, mode: 'sabot', prometheusPort: null, storePath: null } as const;

describe.skipIf(!hasOpenssl)('a receiver behind TLS', () => {
  it('is reached when its authority is named, with the headers that were configured', async () => {
    const receiver = await startSecureReceiver();
    const telemetry = {
      ...quiet,
      otlpEndpoint: receiver.url,
      otlpCertificate: receiver.certificate,
      otlpHeaders: 'authorization=Bearer%20secret,x-team=streams',
    };
    const observability = await startObservability({ config: resolveConfig({ env: {}, flags: { telemetry } }) });
    observability.traceOperation('checkpoint', {}, () => undefined);
    const { lost } = await observability.shutdown();
    expect(lost).toEqual([]);
    expect(receiver.headers[0]).toMatchObject({ authorization: 'Bearer secret', 'x-team': 'streams' });
  });

  it('is refused when nobody vouches for it, and the doctor says what to do', async () => {
    const receiver = await startSecureReceiver();
    const telemetry = { ...quiet, otlpEndpoint: receiver.url };
    const findings = await examineTelemetry(resolveConfig({ env: {}, flags: { telemetry } }));
    expect(findings.find(({ subject }) => subject === 'otlp')).toMatchObject({
      level: 'problem',
      remedy: expect.stringContaining('otlp_certificate'),
    });
    expect(receiver.headers).toEqual([]);
  });
});
