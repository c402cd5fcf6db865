import { createServer } from 'node:net';
import { demoErrors } from './errors.js';

/**
 * Makes sure that the Prometheus endpoint can be opened, before anything is written. 0 and null are always free.
 *
 * Errors: `SABOT_DEMO_PORT_TAKEN`.
 */
export async function assertPortFree(port: number | null): Promise<void> {
  if (port === null || port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        demoErrors.error('PORT_TAKEN', { what: `cannot open the metrics port ${port}`, why: cause.message, cause }),
      );
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
