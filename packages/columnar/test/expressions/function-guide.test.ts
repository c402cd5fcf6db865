import { readFileSync } from 'node:fs';
import { defineSchema, int64 } from '@sabot/columnar';
import { aggregates } from '@sabot/columnar/kernels';
import { expect, test } from 'vitest';
import { functionNamed, functionNames } from '../../src/expressions/functions/registry.js';

const guide = readFileSync(new URL('../../docs/functions.md', import.meta.url), 'utf8');

test('the guide has a line for every function, with what it takes', () => {
  for (const name of functionNames()) expect(guide).toContain(`| \`${name}\` | ${functionNamed(name)?.takes} |`);
});

test('the guide names every aggregate', () => {
  aggregates(defineSchema({ n: int64() }), (a) => {
    for (const name of Object.keys(a)) expect(guide).toContain(`\`${name}\``);
    return { n: a.count() };
  });
});
