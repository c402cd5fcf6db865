import { serveCase } from '../../src/run/serve-case.js';
import { strangeSuite } from './strange-suite.js';

void serveCase(async () => strangeSuite);
