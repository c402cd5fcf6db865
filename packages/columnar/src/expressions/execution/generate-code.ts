import type { Operation } from '../lowering/operation.js';
import { OPERATIONS, type Register } from '../lowering/operations.js';
import type { Instruction, LoadPart, Program, RegisterKind } from '../lowering/program.js';
import { shapeOf } from '../lowering/value.js';

/**
 * JavaScript for a program: one loop, one statement per instruction.
 *
 * Safe against injection: names and strings of the user never become code; they are constants handed in as objects, and
 * comments hold only harmless characters.
 */
export function generateCode(program: Program): string {
  return new CodeWriter(program).write();
}

class CodeWriter {
  private readonly program: Program;
  private readonly lines: string[] = [];
  private readonly called = new Set<string>();
  private readonly loaded = new Set<string>();

  constructor(program: Program) {
    this.program = program;
  }

  write(): string {
    const { outputs, filters } = this.program;
    this.block(this.program.instructions, '    ');
    const body = this.lines.join('\n');
    const head = [
      '"use strict";',
      ...this.constants(),
      ...[...this.called].map((name) => `const ${name} = operations.${name};`),
      'return function run(numRows, columns, outputs, selection) {',
      ...this.buffers(),
      ...outputs.map((_, i) => `  const o${i} = outputs[${i}].values, n${i} = outputs[${i}].nulls;`),
      '  let k = 0;',
      '  for (let i = 0; i < numRows; i++) {',
      ...this.variables(),
    ];
    const tail = [...(filters ? ['    selection[k] = i;'] : []), '    k++;', '  }', '  return k;', '};'];
    return [...head, body, ...tail].filter((line) => line !== '').join('\n');
  }

  private block(instructions: readonly Instruction[], indent: string): void {
    for (const instruction of instructions) this.statement(instruction, indent);
  }

  private statement(instruction: Instruction, indent: string): void {
    const line = (text: string): unknown => this.lines.push(indent + text);
    switch (instruction.kind) {
      case 'comment':
        return void line(`// ${instruction.text.replace(/[^\x20-\x7e]/g, '?')}`);
      case 'load':
        return void line(`const r${instruction.to} = ${this.load(instruction)};`);
      case 'operation':
        return void line(this.operation(instruction));
      case 'user':
        return void line(`const r${instruction.to} = ${this.name(instruction.fn)}(${this.names(instruction.args)});`);
      case 'set':
        return void line(`r${instruction.to} = ${this.name(instruction.from)};`);
      case 'skip':
        return void line('continue;');
      case 'resetText':
        this.called.add('resetText');
        return void line('resetText();');
      case 'failIf':
        return void line(`if (${this.name(instruction.condition)}) fail(${instruction.error});`);
      case 'store':
        return void line(this.store(instruction));
      case 'if':
        this.branch(instruction, indent);
    }
  }

  private branch(instruction: Extract<Instruction, { kind: 'if' }>, indent: string): void {
    this.lines.push(`${indent}if (${this.name(instruction.condition)}) {`);
    this.block(instruction.whenTrue, `${indent}  `);
    if (instruction.whenFalse.length > 0) {
      this.lines.push(`${indent}} else {`);
      this.block(instruction.whenFalse, `${indent}  `);
    }
    this.lines.push(`${indent}}`);
  }

  private operation({ name, args, to }: Extract<Instruction, { kind: 'operation' }>): string {
    const { code } = OPERATIONS[name] as Operation;
    const inputs = args.map((arg) => this.name(arg));
    if (code === null) this.called.add(name);
    const first = code === null ? `${name}(${inputs.join(', ')})` : code(...inputs);
    const more = to.slice(1).map((register, i) => `, r${register} = OUT[${i}]`);
    return `const r${to[0]} = ${first}${more.join('')};`;
  }

  private load({ part, slot, row }: Extract<Instruction, { kind: 'load' }>): string {
    this.loaded.add(`${slot} ${part}`);
    return LOADS[part](slot, this.name(row));
  }

  private store({ output, isNull, parts }: Extract<Instruction, { kind: 'store' }>): string {
    const shape = shapeOf((this.program.outputs[output] as Program['outputs'][number]).type);
    const values = parts.map((part) => this.name(part));
    const put = STORES[shape](output, values);
    const kind = this.program.registers[isNull] as RegisterKind;
    if (kind.kind === 'constant' && kind.value === 0) return put;
    const nothing = shape === 'text' || shape === 'place' ? ` o${output}.putNothing(k);` : '';
    return `if (${this.name(isNull)}) { n${output}[k] = 1;${nothing} } else { ${put} }`;
  }

  private names(registers: readonly Register[]): string {
    return registers.map((register) => this.name(register)).join(', ');
  }

  private name(register: Register): string {
    const kind = this.program.registers[register] as RegisterKind;
    switch (kind.kind) {
      case 'row':
        return 'i';
      case 'constant':
        return number(kind.value);
      default:
        return `r${register}`;
    }
  }

  private constants(): string[] {
    return this.program.registers.flatMap((kind, register) =>
      kind.kind === 'object' ? [`const r${register} = constants[${register}];`] : [],
    );
  }

  private variables(): string[] {
    const variables = this.program.registers.flatMap((kind, register) =>
      kind.kind === 'variable' ? [`r${register} = ${kind.holdsObject ? 'NOTHING' : kind.initial}`] : [],
    );
    return variables.length === 0 ? [] : [`    let ${variables.join(', ')};`];
  }

  private buffers(): string[] {
    return this.program.slots.flatMap((_, slot) => {
      const uses = (...parts: LoadPart[]): boolean => parts.some((part) => this.loaded.has(`${slot} ${part}`));
      const column = `columns[${slot}]`;
      const bits = uses('bit', 'isNull');
      return [
        uses('number', 'low', 'high', 'word0', 'word1', 'word2', 'word3', 'bit', 'bytes')
          ? `  const c${slot}v = ${column}.values;`
          : '',
        uses('start', 'end') ? `  const c${slot}o = ${column}.offsets;` : '',
        uses('isNull') ? `  const c${slot}m = ${column}.validity;` : '',
        bits ? `  const c${slot}b = ${column}.bitOffset;` : '',
      ];
    });
  }
}

/** A number as a JavaScript expression; negative ones in parentheses. */
function number(value: number): string {
  if (Object.is(value, -0)) return '(-0)';
  return value < 0 ? `(${value})` : String(value);
}

const LOADS: Readonly<Record<LoadPart, (slot: number, row: string) => string>> = {
  number: (slot, row) => `c${slot}v[${row}]`,
  low: (slot, row) => `c${slot}v[2 * ${row}]`,
  high: (slot, row) => `c${slot}v[2 * ${row} + 1]`,
  word0: (slot, row) => `c${slot}v[4 * ${row}]`,
  word1: (slot, row) => `c${slot}v[4 * ${row} + 1]`,
  word2: (slot, row) => `c${slot}v[4 * ${row} + 2]`,
  word3: (slot, row) => `c${slot}v[4 * ${row} + 3]`,
  bit: (slot, row) => `(c${slot}v[(${row} + c${slot}b) >> 3] >> ((${row} + c${slot}b) & 7)) & 1`,
  isNull: (slot, row) => `((c${slot}m[(${row} + c${slot}b) >> 3] >> ((${row} + c${slot}b) & 7)) & 1) === 0`,
  start: (slot, row) => `c${slot}o[${row}]`,
  end: (slot, row) => `c${slot}o[${row} + 1]`,
  bytes: (slot) => `c${slot}v`,
};

const STORES: Readonly<Record<ReturnType<typeof shapeOf>, (output: number, values: readonly string[]) => string>> = {
  number: (output, [value]) => `o${output}[k] = ${value};`,
  bool: (output, [value]) => `o${output}[k] = ${value} ? 1 : 0;`,
  pair: (output, [low, high]) => `o${output}[2 * k] = ${low}; o${output}[2 * k + 1] = ${high};`,
  quad: (output, values) => values.map((value, i) => `o${output}[4 * k + ${i}] = ${value};`).join(' '),
  text: (output, values) => `o${output}.put(k, ${values.join(', ')});`,
  place: (output, values) => `o${output}.put(k, ${values.join(', ')});`,
};
