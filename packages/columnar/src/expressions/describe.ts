import { describeType } from '../schema/define-schema.js';
import { functionNamed } from './functions/registry.js';
import type { ExprNode, LiteralValue } from './node.js';

/** An expression as one line of SQL-like text; names that are not plain words are quoted. */
export function describeNode(node: ExprNode): string {
  switch (node.op) {
    case 'column':
      return quotedName(node.name);
    case 'literal':
      return describeLiteral(node);
    case 'cast':
      return `${node.onError === 'null' ? 'try_cast' : 'cast'}(${describeNode(node.arg)} as ${describeType(node.to)})`;
    case 'case': {
      const branches = node.branches.map(([when, then]) => `when ${describeNode(when)} then ${describeNode(then)}`);
      const otherwise = node.otherwise === null ? '' : ` else ${describeNode(node.otherwise)}`;
      return `case ${branches.join(' ')}${otherwise} end`;
    }
    case 'call':
      return describeCall(node);
  }
}

function describeCall(node: Extract<ExprNode, { op: 'call' }>): string {
  const infix = functionNamed(node.name)?.infix;
  const args = node.args.map(describeNode);
  if (infix !== undefined && args.length === 2) return `(${args[0]} ${infix} ${args[1]})`;
  const options = (node.options ?? []).map(describeOption);
  // A function of unknown name may have that of a property that every object has.
  const phrase = Object.hasOwn(PHRASES, node.name) ? PHRASES[node.name] : undefined;
  if (phrase !== undefined && args.length > 0) return phrase(args[0] as string, options);
  const name = node.name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${name}(${[...args, ...options].join(', ')})`;
}

/** Functions that SQL writes in words. */
const PHRASES: Readonly<Record<string, (arg: string, options: readonly string[]) => string>> = {
  isNull: (arg) => `${arg} is null`,
  isNotNull: (arg) => `${arg} is not null`,
  not: (arg) => `not ${arg}`,
  neg: (arg) => `-${arg}`,
  in: (arg, options) => `${arg} in (${options.join(', ')})`,
  like: (arg, [pattern]) => `${arg} like ${pattern}`,
  extract: (arg, [field]) => `extract(${field?.slice(1, -1)} from ${arg})`,
  truncate: (arg, [unit]) => `date_trunc(${unit}, ${arg})`,
  inZone: (arg, [zone]) => `${arg} at time zone ${zone}`,
  field: (arg, [name]) => `${arg}.${quotedName(name?.slice(1, -1).replaceAll("''", "'") ?? '')}`,
  at: (arg, [index]) => `${arg}[${index}]`,
};

function describeOption(option: LiteralValue): string {
  return typeof option === 'string' ? quotedText(option) : String(option);
}

function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quotedName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function describeLiteral(node: Extract<ExprNode, { op: 'literal' }>): string {
  if (node.value === null) return `null::${describeType(node.type)}`;
  switch (node.type.kind) {
    case 'utf8':
    case 'dictionary':
      return quotedText(String(node.value));
    case 'binary':
      return `x'${node.value}'`;
    case 'timestamp':
    case 'date':
    case 'time':
    case 'duration':
      return `${node.value}::${describeType(node.type)}`;
    default:
      return String(node.value);
  }
}
