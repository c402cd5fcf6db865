import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger, openTelemetryStore, resolveConfig, startObservability } from '../../src/sdk.js';
import { createTestObservability } from '../../src/testing.js';
import { startGrpcReceiver, startHttpReceiver } from '../export/receivers.js';
import { temporaryFolder } from '../temporary-folder.js';

describe('a logger', () => {
  it('writes the trace of the operation around it on every line', () => {
    const observability = createTestObservability();
    const lines: string[] = [];
    const json = createLogger(observability, { format: 'json', name: 'shop', print: (line) => lines.push(line) });
    const text = createLogger(observability, { format: 'text', print: (line) => lines.push(line) });
    json.info('outside');
    observability.traceOperation('take_order', {}, (span) => {
      json.warn('low stock', { left: 3 });
      text.warn('low stock', { left: 3 });
      const { traceId, spanId } = span.context;
      expect(JSON.parse(lines[1] ?? '')).toMatchObject({
        level: 'warn',
        logger: 'shop',
        message: 'low stock',
        left: 3,
        trace_id: traceId,
        span_id: spanId,
      });
      expect(lines[2]).toMatch(new RegExp(`WARN  low stock left=3 trace_id=${traceId} span_id=${spanId}$`));
    });
    expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('trace_id');
  });

  it('drops what is below its level and shows what was thrown', () => {
    const lines: string[] = [];
    const logger = createLogger(createTestObservability(), { format: 'text', print: (line) => lines.push(line) });
    logger.debug('details');
    logger.error('cannot charge', new RangeError('no such card'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/ERROR cannot charge exception.type=RangeError .*\nRangeError: no such card\n\s+at /);
  });
});

describe('log entries, when they are asked for', () => {
  it.each([
    ['http', startHttpReceiver],
    ['grpc', startGrpcReceiver],
  ] as const)('are kept in the store and sent over %s, with their trace', async (otlpProtocol, start) => {
    const receiver = await start();
    const storePath = join(temporaryFolder(), 'telemetry');
    const telemetry = {
      enabled: true,
      mode: 'sabot',
      prometheusPort: null,
      storePath,
      otlpEndpoint: receiver.url,
      otlpProtocol,
      logs: true,
    } as const;
    const observability = await startObservability({ config: resolveConfig({ env: {}, flags: { telemetry } }) });
    const logger = observability.logger({ print: () => undefined });
    logger.info('started');
    const traceId = observability.traceOperation('take_order', {}, (span) => {
      logger.error('cannot charge', new RangeError('no such card'), { order: 7 });
      return span.context.traceId;
    });
    await observability.shutdown();
    const store = openTelemetryStore(storePath);
    expect((await store.logs()).map(({ message }) => message)).toEqual(['started', 'cannot charge']);
    const [found, ...others] = await store.logs({ traceId, level: 'warn' });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      level: 'error',
      message: 'cannot charge',
      attributes: { order: 7, 'exception.type': 'RangeError' },
      trace: { traceId },
    });
    const [first, second] = receiver.logs;
    expect(first).toMatchObject({ severityNumber: 9, severityText: 'info', body: { stringValue: 'started' } });
    expect(Buffer.from(String(second?.['traceId']), 'base64').toString('hex')).toBe(traceId);
  });

  it('are only printed otherwise', async () => {
    const storePath = join(temporaryFolder(), 'telemetry');
    const telemetry = { enabled: true, mode: 'sabot', prometheusPort: null, storePath } as const;
    const observability = await startObservability({ config: resolveConfig({ env: {}, flags: { telemetry } }) });
    const lines: string[] = [];
    observability.logger({ print: (line) => lines.push(line) }).info('started');
    await observability.shutdown();
    expect(lines).toHaveLength(1);
    expect(await openTelemetryStore(storePath).logs()).toEqual([]);
  });
});
