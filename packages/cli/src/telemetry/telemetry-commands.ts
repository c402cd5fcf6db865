import { type Command, Option } from 'commander';
import { examples } from '../command/examples.js';
import type { CliIo } from '../command/io.js';
import { durationMs, positiveInteger } from '../command/option-values.js';
import type { DoctorOptions } from './doctor.js';
import type { EnableOptions } from './enable.js';
import type { MetricsOptions } from './metrics.js';
import type { StatusOptions } from './status.js';
import type { TracesOptions } from './traces.js';

const CONFIG_FILE = ['--config-file <file>', 'configuration file (default: sabot.json)'] as const;

/** `sabot telemetry …` */
export function addTelemetryCommands(program: Command, io: CliIo): void {
  const telemetry = program.command('telemetry').description('Configure telemetry, and read what was recorded.');
  addEnable(telemetry, io);
  addDisable(telemetry, io);
  addStatus(telemetry, io);
  addDoctor(telemetry, io);
  addTraces(telemetry, io);
  addMetrics(telemetry, io);
}

function addEnable(telemetry: Command, io: CliIo): void {
  telemetry
    .command('enable')
    .description('Turn telemetry on in the configuration file, and say what changed.')
    .option('--service-name <name>', 'name under which the application appears')
    .option('--jaeger-endpoint <url>', 'a Jaeger to send traces to; "none" for none')
    .option('--otlp-endpoint <url>', 'an OTLP receiver to send to; "none" for none')
    .option('--prometheus-port <number>', 'port of the metrics endpoint; "none" for none')
    .option('--console-tracing <boolean>', 'print finished spans to standard error')
    .option('--sample-rate <number>', 'share of new traces that is kept, 0 to 1')
    .option(...CONFIG_FILE)
    .addHelpText(
      'after',
      examples('telemetry enable', 'telemetry enable --otlp-endpoint http://localhost:4317 --service-name orders'),
    )
    .action(async (options: EnableOptions) => (await import('./enable.js')).enable(options, io));
}

function addDisable(telemetry: Command, io: CliIo): void {
  telemetry
    .command('disable')
    .description('Turn telemetry off in the configuration file; the other settings stay.')
    .option(...CONFIG_FILE)
    .addHelpText('after', examples('telemetry disable'))
    .action(async (options: Pick<EnableOptions, 'configFile'>) => (await import('./enable.js')).disable(options, io));
}

function addStatus(telemetry: Command, io: CliIo): void {
  telemetry
    .command('status')
    .description('Show every setting and where it comes from, the local store, live processes, and losses.')
    .option(...CONFIG_FILE)
    .addOption(format('table', 'json'))
    .addHelpText('after', examples('telemetry status', 'telemetry status --format json'))
    .action(async (options: StatusOptions) => (await import('./status.js')).status(options, io));
}

function addDoctor(telemetry: Command, io: CliIo): void {
  telemetry
    .command('doctor')
    .description('Send a test span through everything that is configured, and find the usual mistakes.')
    .option(...CONFIG_FILE)
    .addOption(format('table', 'json'))
    .addHelpText('after', examples('telemetry doctor', 'telemetry doctor --format json'))
    .action(async (options: DoctorOptions) => (await import('./doctor.js')).doctor(options, io));
}

function addTraces(telemetry: Command, io: CliIo): void {
  telemetry
    .command('traces')
    .description('Show the newest traces of the local store or of a Jaeger, newest first.')
    .option('--limit <number>', 'how many traces at most', positiveInteger, 10)
    .option('--service <name>', 'only traces of this service')
    .option('--operation <name>', 'only traces with a span of this name')
    .option('--min-duration <duration>', 'only traces that took at least this long, such as 50ms', durationMs)
    .option('--errors', 'only traces with a failed span')
    .option('--since <duration>', 'only traces that began within this time, such as 10m', durationMs)
    .addOption(format('table', 'json', 'tree'))
    .addOption(new Option('--from <source>', 'where to read').choices(['store', 'jaeger']).default('store'))
    .option('--url <url>', 'query service of the Jaeger (default: port 16686 where telemetry.jaeger_endpoint is)')
    .option('--follow', 'go on and print new traces until Ctrl-C')
    .option(...CONFIG_FILE)
    .addHelpText(
      'after',
      examples(
        'telemetry traces --limit 5',
        'telemetry traces --errors --since 1h',
        'telemetry traces --operation process_batch --format tree',
        'telemetry traces --from jaeger --url http://localhost:16686',
      ),
    )
    .action(async (options: TracesOptions) => (await import('./traces.js')).traces(options, io));
}

function addMetrics(telemetry: Command, io: CliIo): void {
  telemetry
    .command('metrics')
    .description('Show the latest value of every metric of the newest run.')
    .addOption(
      new Option('--component <name>', 'only metrics of this package').choices([
        'stream',
        'join',
        'state',
        'agent',
        'cluster',
      ]),
    )
    .option('--service <name>', 'only metrics of this service')
    .addOption(format('table', 'json', 'prometheus'))
    .option('--all-instances', 'every process that was recorded, not only the newest of each service')
    .option('--live', 'ask the running process on its Prometheus port, not the local store')
    .addOption(new Option('--from <source>', 'where to read').choices(['store', 'prometheus']).default('store'))
    .option('--url <url>', 'the Prometheus to ask (default: http://localhost:9090)')
    .option('--watch', 'print again every 2 s until Ctrl-C')
    .option(...CONFIG_FILE)
    .addHelpText(
      'after',
      examples(
        'telemetry metrics',
        'telemetry metrics --component stream --format json',
        'telemetry metrics --live --format prometheus',
        'telemetry metrics --from prometheus --url http://localhost:9090',
      ),
    )
    .action(async (options: MetricsOptions) => (await import('./metrics.js')).metrics(options, io));
}

function format(...choices: readonly [string, ...string[]]): Option {
  return new Option('--format <format>', 'how to print').choices([...choices]).default(choices[0]);
}
