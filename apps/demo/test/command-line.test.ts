import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../src/command-line.js';

describe('the command line', () => {
  it('continues in .sabot unless told otherwise', () => {
    expect(readCommandLine([])).toEqual({
      flights: undefined,
      airports: undefined,
      directory: '.sabot',
      fresh: false,
      asDeparted: false,
      plain: false,
      help: false,
      parallelism: undefined,
      prometheusPort: undefined,
      sampleRate: undefined,
    });
  });

  it('reads numbers in range', () => {
    expect(readCommandLine(['--prometheus-port=0', '--sample-rate', '0.25', '--fresh'])).toMatchObject({
      prometheusPort: 0,
      sampleRate: 0.25,
      fresh: true,
    });
  });

  it.each([
    [['--nope'], /"--nope" is not an option/],
    [['extra'], /cannot read the options "extra"/],
    [['--prometheus-port', '70000'], /--prometheus-port cannot be "70000": it takes a whole number from 0 to 65535/],
    [['--prometheus-port', '80.5'], /cannot be "80.5"/],
    [['--sample-rate', ''], /--sample-rate cannot be ""/],
    [['--flights='], /--flights cannot be "": it takes a path/],
  ])('refuses %j', (argv, message) => {
    expect(() => readCommandLine(argv)).toThrow(message);
  });
});
