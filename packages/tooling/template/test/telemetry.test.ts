import { createTestObservability } from '@sabot/core-observability/testing';
import { expect, it } from 'vitest';
import { createGreeter } from '../src/greeting/greeter.js';
import { instrumentGreeter } from '../src/telemetry.js';

it('publishes the greetings of a greeter until the registration is removed', () => {
  const observability = createTestObservability();
  const greeter = createGreeter();
  const registration = instrumentGreeter(observability, greeter);
  greeter.greet('Ada');
  expect(observability.value('sabot.__name__.greetings', {})).toBe(1);
  registration.remove();
  expect(observability.points('sabot.__name__.greetings')).toEqual([]);
});
