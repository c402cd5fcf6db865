import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  contentFingerprint,
  filesUnder,
  readStamp,
  statFingerprint,
  writeStamp,
} from '../src/workspace/fingerprint.mjs';

/** @type {string} */
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabot-fingerprint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  write('src/a.ts', 'a');
  write('src/deep/b.ts', 'b');
});

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  writeFileSync(join(folder, name), text);
  utimesSync(join(folder, name), 1, 1);
}

describe('the fingerprint of what files contain', () => {
  const fingerprint = () => contentFingerprint([join(folder, 'src/a.ts'), join(folder, 'lockfile')], ['fact']);

  it('stays when nothing changes, and when a file is only touched', () => {
    const before = fingerprint();
    utimesSync(join(folder, 'src/a.ts'), 2, 2);
    expect(fingerprint()).toBe(before);
  });

  it('changes with the content, with a file that appears, and with a fact', () => {
    const seen = [fingerprint(), contentFingerprint([join(folder, 'src/a.ts'), join(folder, 'lockfile')], ['other'])];
    write('src/a.ts', 'A');
    seen.push(fingerprint());
    write('lockfile', '');
    seen.push(fingerprint());
    expect(new Set(seen).size).toBe(4);
  });
});

describe('the fingerprint of sizes and times', () => {
  const fingerprint = () => statFingerprint([join(folder, 'src'), join(folder, 'none')]);

  it('stays when nothing changes', () => {
    expect(fingerprint()).toBe(fingerprint());
  });

  it('changes with a size, a time, a new file and a removed one', () => {
    const seen = [fingerprint()];
    write('src/a.ts', 'longer');
    seen.push(fingerprint());
    utimesSync(join(folder, 'src/deep/b.ts'), 2, 2);
    seen.push(fingerprint());
    write('src/deep/c.ts', '');
    seen.push(fingerprint());
    rmSync(join(folder, 'src/a.ts'));
    seen.push(fingerprint());
    expect(new Set(seen).size).toBe(5);
  });
});

it('lists the files below a folder in a stable order, a file as itself, and nothing for what is not there', () => {
  expect(filesUnder(join(folder, 'src'))).toEqual([join(folder, 'src/a.ts'), join(folder, 'src/deep/b.ts')]);
  expect(filesUnder(join(folder, 'src/a.ts'))).toEqual([join(folder, 'src/a.ts')]);
  expect(filesUnder(join(folder, 'none'))).toEqual([]);
});

it('reads a stamp as it was written, and a torn or missing one as none', () => {
  const path = join(folder, 'new/stamp.json');
  expect(readStamp(path)).toBeUndefined();
  writeStamp(path, { level: 'full' });
  expect(readStamp(path)).toEqual({ level: 'full' });
  writeFileSync(path, '{"level":');
  expect(readStamp(path)).toBeUndefined();
});
