import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentsTelemetry } from '@sabot/agents';
import { clusterTelemetry } from '@sabot/cluster';
import { coreObservabilityTelemetry } from '@sabot/core-observability';
import { openTelemetryStore, type SpanNode } from '@sabot/core-observability/sdk';
import { joinsTelemetry } from '@sabot/joins';
import { stateTelemetry } from '@sabot/state';
import { streamTelemetry } from '@sabot/stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBuiltDemo } from './demo-process.js';

const catalogues = [
  agentsTelemetry,
  clusterTelemetry,
  coreObservabilityTelemetry,
  joinsTelemetry,
  stateTelemetry,
  streamTelemetry,
];

describe('the telemetry of a demo run', () => {
  let folder: string;
  let scraped: Promise<string> | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sabot-telemetry-'));
    const run = await runBuiltDemo(folder, {
      onProgress: (_child, stdout) => {
        scraped = fetch(/http:\S+\/metrics/.exec(stdout)?.[0] ?? '').then((answer) => answer.text());
      },
    });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a trace of a batch through the join, the agent and the state', async () => {
    const store = openTelemetryStore(join(folder, 'telemetry'));
    const traces = await store.traces({ operation: 'execute_agent_task', limit: 1 });
    const names = new Set(traces.flatMap(({ roots }) => namesIn(roots)));
    for (const name of ['process_batch', 'stream_table_join', 'execute_agent_task', 'state_get', 'state_set']) {
      expect(names).toContain(name);
    }
  });

  it('emits no span and no metric that is not declared', async () => {
    const store = openTelemetryStore(join(folder, 'telemetry'));
    const declaredSpans = new Set(catalogues.flatMap(({ spans }) => Object.values(spans).map(({ name }) => name)));
    const spans = (await store.traces({ limit: 10_000 })).flatMap(({ roots }) => namesIn(roots));
    expect(spans.length).toBeGreaterThan(1000);
    expect([...new Set(spans)].filter((name) => !declaredSpans.has(name))).toEqual([]);

    const declared = new Set(catalogues.flatMap(({ metrics }) => Object.values(metrics).map(({ name }) => name)));
    const series = await store.metrics({});
    const undeclared = series.map(({ descriptor }) => descriptor.name).filter((name) => !declared.has(name));
    // A business metric: declared where it is made, in the demo.
    expect([...new Set(undeclared)]).toEqual(['flight_alerts']);
  });

  it("answers Prometheus with the seed's names while it runs", async () => {
    const text = await scraped;
    for (const name of [
      'sabot_messages_processed_total',
      'sabot_message_processing_duration',
      'sabot_agent_tasks_completed_total',
      'sabot_join_operations_total',
      'sabot_state_operations_total',
      'sabot_cluster_nodes_active',
      'sabot_memory_usage_mb',
      'sabot_cpu_usage_percent',
    ]) {
      expect(text).toMatch(new RegExp(`^${name}(_bucket)?(\\{.*\\})? `, 'm'));
    }
  });
});

function namesIn(nodes: readonly SpanNode[]): readonly string[] {
  return nodes.flatMap(({ span, children }) => [span.name, ...namesIn(children)]);
}
