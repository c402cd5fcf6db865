/** One thing that was looked at. `problem`: telemetry is lost; `warning`: something will surprise you. */
export interface DoctorFinding {
  readonly level: 'ok' | 'note' | 'warning' | 'problem';
  /** What was looked at, for example `otlp`. */
  readonly subject: string;
  /** What was found, in one sentence. */
  readonly message: string;
  /** What to do; absent when there is nothing to do. */
  readonly remedy?: string;
}
