/** Commits epoch after epoch until it is killed. Arguments: folder, `record-first` or the wrong order `confirm-first`. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openLmdbStateStore } from '../../src/lmdb.js';
import { createLocalSnapshotStore } from '../../src/snapshot/local-snapshot-store.js';
import { apply, type CrashRecord } from './crash-history.js';

const [folder = '', order = ''] = process.argv.slice(2);
const recordPath = join(folder, 'record.json');
const snapshots = createLocalSnapshotStore(join(folder, 'snapshots'));
const store = await openLmdbStateStore(join(folder, 'store'), { maxDeltas: 4 });

let record: CrashRecord = existsSync(recordPath)
  ? (JSON.parse(readFileSync(recordPath, 'utf8')) as CrashRecord)
  : { epoch: 0, chain: [] };

await store.restore(
  await Promise.all(record.chain.map(async ({ epoch, name }) => ({ epoch, bytes: await snapshots.get(name) }))),
);
process.stdout.write(`restored ${store.lastRestore}\n`);

for (let epoch = record.epoch + 1; ; epoch++) {
  apply(store, epoch);
  const snapshot = store.snapshot(epoch);
  const link = { epoch, name: `epoch-${epoch}` };
  await snapshots.put(link.name, snapshot.bytes());
  record = { epoch, chain: snapshot.baseEpoch === null ? [link] : [...record.chain, link] };
  if (order === 'confirm-first') {
    await snapshot.confirm();
    process.stdout.write('confirmed\n');
    // The wrong order is held open, so that the test need not be lucky.
    await setTimeout(60_000);
  }
  writeFileSync(`${recordPath}.new`, JSON.stringify(record));
  renameSync(`${recordPath}.new`, recordPath);
  if (order === 'record-first') await snapshot.confirm();
}
