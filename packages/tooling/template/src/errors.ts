import { defineErrors } from '@sabot/core-observability/errors';

/** Every code that `@sabot/__name__` raises; the prefix is `SABOT___NAME___`. */
export const __camel__Errors = defineErrors('__name__', {
  OPTION_INVALID: {
    kind: 'usage',
    summary: 'An option has a value outside its range.',
    remedy: 'Give a value inside the range that is named.',
  },
});
