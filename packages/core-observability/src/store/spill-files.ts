import { join } from 'node:path';
import type { Signal } from '../export/delivery-ledger.js';

const FOLDER = '.spill';
const nameForm = /^\d{12}-(spans|points|logs)-(\d+)\.json$/;

/** Where everything lies that waits for receivers: a folder for each service, in it one for each exporter. */
export function spillRoot(storePath: string): string {
  return join(storePath, FOLDER);
}

/** Where the processes of a service keep what one of its exporters could not send, a folder each. */
export function spillFolder(storePath: string, service: string, exporter: string): string {
  return join(spillRoot(storePath), encodeURIComponent(service), exporter);
}

/** A name that sorts by place in the queue and says what is in the file. */
export function spillFileName(place: number, signal: Signal, count: number): string {
  return `${String(place).padStart(12, '0')}-${signal}-${count}.json`;
}

/** What a file holds, from its name; undefined for other files, for example one that is being written. */
export function readSpillFileName(name: string): { readonly signal: Signal; readonly count: number } | undefined {
  const match = nameForm.exec(name);
  return match === null ? undefined : { signal: match[1] as Signal, count: Number(match[2]) };
}
