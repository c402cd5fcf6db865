import { type DoctorFinding, examineTelemetry } from '@sabot/core-observability/sdk';
import type { CliIo } from '../command/io.js';
import { cliErrors } from '../errors.js';
import { type Style, styleFor } from '../output/style.js';
import { readConfig } from './config-file.js';

export interface DoctorOptions {
  readonly format: 'table' | 'json';
  readonly configFile?: string;
}

const MARKS = { ok: '✓', note: '·', warning: '!', problem: '✗' } as const;

/** Tries every part of telemetry and says what was found; fails when telemetry is lost somewhere. */
export async function doctor(options: DoctorOptions, io: CliIo): Promise<void> {
  const findings = await examineTelemetry(readConfig(options.configFile, io));
  const style = styleFor(io);
  if (options.format === 'json') io.out(`${JSON.stringify({ findings }, null, 2)}\n`);
  else io.out(findings.map((finding) => describe(finding, style)).join(''));
  const problems = findings.filter(({ level }) => level === 'problem');
  if (problems.length === 0) return;
  throw cliErrors.error('TELEMETRY_LOST', {
    what: `telemetry does not arrive: ${problems.map(({ subject }) => subject).join(', ')}`,
    why: problems[0]?.message ?? '',
  });
}

function describe({ level, message, remedy, subject }: DoctorFinding, style: Style): string {
  const mark = level === 'ok' ? style.good(MARKS.ok) : level === 'problem' ? style.bad(MARKS.problem) : MARKS[level];
  return `${mark} ${style.bold(subject)}: ${message}\n${remedy === undefined ? '' : `    ${remedy}\n`}`;
}
