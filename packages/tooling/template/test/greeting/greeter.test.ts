import { describe, expect, it } from 'vitest';
import { createGreeter } from '../../src/greeting/greeter.js';
import { greeterConformance } from '../../src/testing.js';

describe('a greeter', () => {
  for (const { name, run } of greeterConformance('it', createGreeter)) it(name, run);

  it('greets with the word that it was given', () => {
    expect(createGreeter({ word: 'Hello' }).greet('Ada')).toBe('Hello, Ada');
  });

  it('refuses an empty word', () => {
    expect(() => createGreeter({ word: '' })).toThrow(
      expect.objectContaining({ code: 'SABOT___NAME___OPTION_INVALID' }),
    );
  });
});
