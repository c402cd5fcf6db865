/** Say here, in one sentence, what this package gives. */
export { __camel__Errors } from './errors.js';
export { createGreeter, type Greeter, type GreeterOptions, type GreeterStats } from './greeting/greeter.js';
export { __camel__Telemetry, instrumentGreeter } from './telemetry.js';
