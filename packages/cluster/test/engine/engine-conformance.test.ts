import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitRegisterConformance } from '@sabot/stream/testing';
import { describe, it } from 'vitest';
import { openEmbeddedEngine } from '../../src/embedded/open-embedded-engine.js';
import { createMemoryEngine } from '../../src/memory/memory-engine.js';
import { type EngineUnderTest, engineConformance } from '../../src/testing/engine-conformance.js';

describe('engine conformance', () => {
  const registers = createMemoryEngine();
  const registerOf = async (place: string) => (await registers).register('job', place);
  for (const { name, run } of commitRegisterConformance('an engine’s register', registerOf)) it(name, run);
  for (const { name, run } of engineConformance('memory engine', openMemory)) it(name, run);
  for (const { name, run } of engineConformance('embedded engine', openEmbedded)) it(name, run);
});

async function openMemory(): Promise<EngineUnderTest> {
  const engine = await createMemoryEngine();
  return { engine, close: () => engine.close() };
}

async function openEmbedded(): Promise<EngineUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'sabot-engine-'));
  // Compacted every few records, so that the rules also hold across compactions.
  const open = () => openEmbeddedEngine({ directory, compactAfterRecords: 7 });
  let engine = await open();
  return {
    engine,
    reopen: async () => {
      await engine.close();
      engine = await open();
      return engine;
    },
    close: async () => {
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}
