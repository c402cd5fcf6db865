import { readFile } from 'node:fs/promises';
import type { Segment } from './segment-files.js';

/** What reading could not understand. */
export interface ReadLosses {
  /** Last lines without an end: the process was killed while it wrote. */
  tornLines: number;
  /** Whole lines that are not the OTLP/JSON they should be. */
  badLines: number;
}

/**
 * The parsed lines of a segment, in order; a segment that was deleted meanwhile has none. `wanted` looks at the text of a
 * line first, which is cheaper than parsing it.
 */
export async function readSegment<T>(
  segment: Segment,
  losses: ReadLosses,
  wanted: (line: string) => boolean = () => true,
): Promise<readonly T[]> {
  let text: string;
  try {
    text = await readFile(segment.path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const lines = text.split('\n');
  const tail = lines.pop() ?? '';
  if (tail !== '') losses.tornLines++;
  const parsed: T[] = [];
  for (const line of lines) {
    if (!wanted(line)) continue;
    try {
      // The store's own writer made the line; what is not shaped so is caught where it is read.
      parsed.push(JSON.parse(line) as T);
    } catch {
      losses.badLines++;
    }
  }
  return parsed;
}
