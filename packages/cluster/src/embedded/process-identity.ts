import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who a process is, so that a later process of the same number is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process began, in the system's own unit; text, compared for equality only. */
  readonly startedAt: string;
  /** The place where process numbers mean something: host, boot and (in containers) process namespace, hashed. */
  readonly place: string;
}

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, startedAt: startOf(process.pid) ?? '0', place: placeOf() };
  return own;
}

/** Whether the process still runs; `unknown` when it belongs to another machine, boot or container. */
export function livenessOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.place !== ownIdentity().place) return 'unknown';
  return startOf(identity.pid) === identity.startedAt ? 'alive' : 'dead';
}

function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxStart(pid) : portableStart(pid);
}

/** Field 22 of /proc/<pid>/stat (clock ticks since boot); the command in field 2 may hold spaces and brackets. */
function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended: only its parent has not yet taken note.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function portableStart(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  const [command, args] =
    process.platform === 'win32'
      ? (['powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]] as const)
      : (['ps', ['-o', 'lstart=', '-p', String(pid)]] as const);
  try {
    const started = execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    return started.trim().replaceAll(/\W+/g, '-') || undefined;
  } catch {
    return undefined;
  }
}

function placeOf(): string {
  const parts = [hostname()];
  if (process.platform === 'linux') parts.push(bootId(), pidNamespace());
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
