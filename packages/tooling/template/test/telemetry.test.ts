import { createTestObservability } from '@sabot/core-observability/testing';
import { expect, it } from 'vitest';
import { createGreeter } from '../src/greeting/greeter.js';
import { observeGreeter } from '../src/telemetry.js';

it('publishes the greetings of a greeter', () => {
  const observability = createTestObservability();
  const greeter = createGreeter();
  observeGreeter(greeter, observability);
  greeter.greet('Ada');
  expect(observability.value('sabot.__name__.greetings')).toBe(1);
});
