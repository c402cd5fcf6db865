import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import type { SourceReader, SplitPosition } from '@sabot/stream/ports';
import { afterAll, beforeAll } from 'vitest';
import type { ParquetSource } from '../../src/source/parquet-source.js';
import { parquetBytes } from '../../src/testing/parquet-bytes.js';

/** A folder for a test file's Parquet files. */
export function useFolder(): { path(name: string): string } {
  const folder = { root: '' };
  beforeAll(async () => {
    folder.root = await mkdtemp(join(tmpdir(), 'sabot-parquet-'));
  });
  afterAll(() => rm(folder.root, { recursive: true, force: true }));
  return { path: (name) => join(folder.root, name) };
}

/** Writes a Parquet file and returns its path. */
export async function writtenFile(path: string, batches: readonly Batch[], rowGroupRows?: number): Promise<string> {
  await writeFile(path, parquetBytes(batches, rowGroupRows === undefined ? {} : { rowGroupRows }));
  return path;
}

export interface ReadOptions {
  readonly position?: SplitPosition;
  readonly columns?: readonly string[];
  readonly batchRows?: number;
  readonly split?: number;
}

export interface Taken {
  readonly batch: Batch;
  readonly position: SplitPosition;
}

/** The position after a row of a source's first file. */
export async function positionAt(source: ParquetSource, row: number): Promise<SplitPosition> {
  const [file] = (await source.inspect()).files;
  if (file === undefined) throw new TypeError('no file');
  const { path: _, ...fingerprint } = file;
  return { row, ...fingerprint };
}

export async function openSplit(source: Source, options: ReadOptions = {}): Promise<SourceReader> {
  const split = (await source.splits())[options.split ?? 0];
  if (split === undefined) throw new TypeError('no such split');
  return await source.read(split, options.position, { columns: options.columns, batchRows: options.batchRows ?? 8192 });
}

/** Everything that a split gives, with the position after each batch. */
export async function readAll(source: Source, options: ReadOptions = {}): Promise<readonly Taken[]> {
  const reader = await openSplit(source, options);
  const taken: Taken[] = [];
  const { signal } = new AbortController();
  try {
    for (;;) {
      const polled = await reader.poll(signal);
      if (polled.kind === 'end') return taken;
      if (polled.kind === 'batch') taken.push({ batch: polled.batch, position: polled.position });
    }
  } finally {
    await reader.close();
  }
}
