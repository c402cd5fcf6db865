import type { Plan } from '../plan/plan.js';
import type { PreparedCommit } from '../ports/sink.js';

/**
 * Does again what the end of a finished job does at its sinks: its last owner may have died between the record that
 * says so and the sinks' commit or the end of a file. Fails as opening a sink fails, for example when a file is gone.
 */
export async function finishSinks(plan: Plan, prepared: Readonly<Record<string, PreparedCommit>>): Promise<void> {
  for (const { id, node } of plan.nodes) {
    const committed = prepared[id];
    if (node.kind !== 'sink' || committed === undefined) continue;
    const schema = node.input.node.outputs[node.input.port]?.schema;
    if (schema === undefined) continue;
    const writer = await node.sink.open({ sinkId: id, schema, committed, signal: new AbortController().signal });
    try {
      await writer.commit(committed);
    } finally {
      await writer.close(true);
    }
  }
}
