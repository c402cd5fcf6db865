import type { Column } from '../../batch/column.js';
import type { Operation } from '../lowering/operation.js';
import { OPERATIONS, type Register } from '../lowering/operations.js';
import type { Instruction, LoadPart, Program, RegisterKind } from '../lowering/program.js';
import { shapeOf } from '../lowering/value.js';
import { resetText } from '../runtime/text.js';
import { OUT } from '../runtime/wide-math.js';
import { type OutputBuffer, PiecesSink, TextSink } from './output-buffers.js';
import type { RunLoop } from './run-loop.js';

const NOTHING = new Uint8Array(0);
const CONTINUE = false;
const LEAVE_OUT = true;

/** Does its part of the current row; true leaves the row out. */
type Step = () => boolean;

/** The same program as a chain of closures, for places where code may not be generated. */
export function interpreted(program: Program): RunLoop {
  const machine = new Machine(program);
  return (numRows, columns, outputs, selection) => machine.run(numRows, columns, outputs, selection);
}

class Machine {
  private readonly program: Program;
  /** Numbers and bools by register. */
  private readonly numbers: Float64Array;
  /** Byte arrays and other objects by register. */
  private readonly objects: unknown[];
  private readonly step: Step;
  private columns: readonly Column[] = [];
  private outputs: readonly OutputBuffer[] = [];
  private kept = 0;

  constructor(program: Program) {
    this.program = program;
    this.numbers = new Float64Array(program.registers.length);
    this.objects = new Array(program.registers.length).fill(NOTHING);
    program.registers.forEach((kind, register) => {
      if (kind.kind === 'constant') this.numbers[register] = kind.value;
      if (kind.kind === 'object') this.objects[register] = kind.value;
    });
    this.step = this.sequence(program.instructions);
  }

  run(numRows: number, columns: readonly Column[], outputs: readonly OutputBuffer[], selection: Int32Array): number {
    this.columns = columns;
    this.outputs = outputs;
    this.kept = 0;
    const variables = this.program.registers.flatMap((kind, register) => (kind.kind === 'variable' ? [register] : []));
    for (let row = 0; row < numRows; row++) {
      this.numbers[0] = row;
      for (const register of variables) this.reset(register);
      if (this.step() === LEAVE_OUT) continue;
      if (this.program.filters) selection[this.kept] = row;
      this.kept++;
    }
    this.columns = [];
    this.outputs = [];
    return this.kept;
  }

  private reset(register: Register): void {
    const kind = this.program.registers[register] as Extract<RegisterKind, { kind: 'variable' }>;
    if (kind.holdsObject) this.objects[register] = NOTHING;
    else this.numbers[register] = kind.initial;
  }

  private sequence(instructions: readonly Instruction[]): Step {
    const steps = instructions.filter((instruction) => instruction.kind !== 'comment').map((i) => this.compile(i));
    return () => {
      for (let i = 0; i < steps.length; i++) if ((steps[i] as Step)() === LEAVE_OUT) return LEAVE_OUT;
      return CONTINUE;
    };
  }

  private compile(instruction: Instruction): Step {
    const { numbers } = this;
    switch (instruction.kind) {
      case 'load':
        return this.compileLoad(instruction);
      case 'operation':
        return this.compileOperation(instruction);
      case 'store':
        return this.compileStore(instruction);
      case 'user':
        return this.compileUser(instruction);
      case 'set':
        return this.compileSet(instruction.from, instruction.to);
      case 'skip':
        return () => LEAVE_OUT;
      case 'resetText':
        return done(resetText);
      case 'failIf': {
        const error = this.program.failures[instruction.error] as () => Error;
        return done(() => {
          if (numbers[instruction.condition] !== 0) throw error();
        });
      }
      case 'if': {
        const then = this.sequence(instruction.whenTrue);
        const otherwise = this.sequence(instruction.whenFalse);
        return () => (numbers[instruction.condition] !== 0 ? then() : otherwise());
      }
      case 'comment':
        return () => CONTINUE;
    }
  }

  private compileSet(from: Register, to: Register): Step {
    const { numbers, objects } = this;
    return this.holdsObject(from)
      ? done(() => {
          objects[to] = objects[from];
        })
      : done(() => {
          numbers[to] = numbers[from] as number;
        });
  }

  private compileLoad({ part, slot, row, to }: Extract<Instruction, { kind: 'load' }>): Step {
    const { numbers, objects } = this;
    if (part === 'bytes') {
      return done(() => {
        objects[to] = (this.columns[slot] as Column).values;
      });
    }
    const read = READS[part];
    return done(() => {
      numbers[to] = read(this.columns[slot] as Column, numbers[row] as number);
    });
  }

  private compileUser({ fn, args, to }: Extract<Instruction, { kind: 'user' }>): Step {
    const call = this.objects[fn] as (...args: unknown[]) => unknown;
    return done(() => {
      this.objects[to] = call(...args.map((arg) => this.surface(arg)));
    });
  }

  // A bool that a user's function sees must be a bool here too.
  private surface(register: Register): unknown {
    return this.holdsObject(register) ? this.objects[register] : this.numbers[register];
  }

  private compileOperation({ name, args, to }: Extract<Instruction, { kind: 'operation' }>): Step {
    const { numbers, objects } = this;
    const run = OPERATIONS[name].run as (...args: unknown[]) => unknown;
    const { result } = OPERATIONS[name] as Operation;
    const sources = args.map((arg) => (this.holdsObject(arg) ? objects : numbers));
    const inputs: unknown[] = new Array(args.length);
    const [first, second, third, fourth] = to as [Register, Register, Register, Register];
    return done(() => {
      for (let i = 0; i < args.length; i++) inputs[i] = (sources[i] as unknown[])[args[i] as number];
      const value = run(...inputs);
      if (result === 'text' || result === 'object') objects[first] = value;
      else numbers[first] = Number(value);
      if (to.length > 1) numbers[second] = OUT[0] as number;
      if (to.length > 2) numbers[third] = OUT[1] as number;
      if (to.length > 3) numbers[fourth] = OUT[2] as number;
    });
  }

  private compileStore({ output, isNull, parts }: Extract<Instruction, { kind: 'store' }>): Step {
    const { numbers, objects } = this;
    const shape = shapeOf((this.program.outputs[output] as Program['outputs'][number]).type);
    const width = parts.length;
    return done(() => {
      const { values, nulls } = this.outputs[output] as OutputBuffer;
      const row = this.kept;
      if (numbers[isNull] !== 0) {
        nulls[row] = 1;
        if (values instanceof TextSink || values instanceof PiecesSink) values.putNothing(row);
      } else if (values instanceof PiecesSink) {
        const [a, aStart, aEnd, b, bStart, bEnd] = parts.map((part) => this.surface(part));
        values.put(
          row,
          a as Uint8Array,
          aStart as number,
          aEnd as number,
          b as Uint8Array,
          bStart as number,
          bEnd as number,
        );
      } else if (values instanceof TextSink) {
        const [bytes, start, end] = parts as [Register, Register, Register];
        values.put(row, objects[bytes] as Uint8Array, numbers[start] as number, numbers[end] as number);
      } else if (shape === 'bool') values[row] = numbers[parts[0] as number] !== 0 ? 1 : 0;
      else for (let k = 0; k < width; k++) values[row * width + k] = numbers[parts[k] as number] as number;
    });
  }

  private holdsObject(register: Register): boolean {
    const kind = this.program.registers[register] as RegisterKind;
    return kind.kind === 'object' || ((kind.kind === 'computed' || kind.kind === 'variable') && kind.holdsObject);
  }
}

function done(work: () => unknown): Step {
  return () => {
    work();
    return CONTINUE;
  };
}

const READS: Readonly<Record<Exclude<LoadPart, 'bytes'>, (column: Column, row: number) => number>> = {
  number: (column, row) => column.values[row] as number,
  low: (column, row) => column.values[2 * row] as number,
  high: (column, row) => column.values[2 * row + 1] as number,
  word0: (column, row) => column.values[4 * row] as number,
  word1: (column, row) => column.values[4 * row + 1] as number,
  word2: (column, row) => column.values[4 * row + 2] as number,
  word3: (column, row) => column.values[4 * row + 3] as number,
  bit: (column, row) => bitOf(column.values as Uint8Array, column.bitOffset + row),
  isNull: (column, row) => 1 - bitOf(column.validity as Uint8Array, column.bitOffset + row),
  start: (column, row) => (column.offsets as Int32Array)[row] as number,
  end: (column, row) => (column.offsets as Int32Array)[row + 1] as number,
};

function bitOf(bits: Uint8Array, position: number): number {
  return ((bits[position >> 3] as number) >> (position & 7)) & 1;
}
