export { createGreeter, type Greeter, type GreeterOptions } from './greeting/greeter.js';
export { observeGreeter } from './telemetry.js';
