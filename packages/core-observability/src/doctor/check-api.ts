import { contextsWork } from '../start/sdk-registration.js';
import { sdkRegistered } from '../tracing/sdk-registered.js';
import type { DoctorFinding } from './finding.js';

interface ApiGlobal {
  readonly version?: string;
  readonly trace?: unknown;
}

const SUBJECT = 'opentelemetry';

/** What this process's OpenTelemetry API says: who registered, in which version, and whether contexts work. */
export function checkApi(mode: 'auto' | 'app' | 'sabot' | 'off'): readonly DoctorFinding[] {
  const subject = SUBJECT;
  // Where every 1.x copy of the API keeps what was registered.
  const registered = (globalThis as { readonly [key: symbol]: unknown })[Symbol.for('opentelemetry.js.api.1')] as
    | ApiGlobal
    | undefined;
  const visible = sdkRegistered();
  if (registered?.trace !== undefined && !visible) return [invisibleSdk(registered.version)];
  if (!visible) {
    const message = 'the application has registered no SDK';
    return mode === 'app'
      ? [
          {
            level: 'warning',
            subject,
            message,
            remedy: 'Register one before Sabot starts, or set telemetry.mode to "sabot".',
          },
        ]
      : [{ level: 'ok', subject, message: `${message}; Sabot brings its own exporters` }];
  }
  const found: DoctorFinding[] = [
    { level: 'ok', subject, message: `an SDK is registered (API ${registered?.version ?? '1.x'})` },
  ];
  if (!contextsWork()) {
    found.push({
      level: 'warning',
      subject,
      message: 'no context manager is registered: spans of your own code do not become children of Sabot’s',
      remedy: 'Register AsyncLocalStorageContextManager from @opentelemetry/context-async-hooks.',
    });
  }
  return found;
}

function invisibleSdk(version = '(unknown)'): DoctorFinding {
  return {
    level: 'problem',
    subject: SUBJECT,
    message: `an SDK is registered through @opentelemetry/api ${version}, which the copy that Sabot uses cannot see`,
    remedy:
      'Install one version of @opentelemetry/api, 1.9 or a later 1.x that all packages allow: npm ls @opentelemetry/api',
  };
}
