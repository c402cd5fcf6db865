import type { DataType } from '../../schema/data-type.js';
import type { Operation } from './operation.js';
import { OPERATIONS, type OperationName, type Register } from './operations.js';
import type { Instruction, LoadPart, Output, Program, RegisterKind, Slot } from './program.js';

/** The register that holds the number of the current row. */
export const ROW: Register = 0;

/** Collects the instructions of a program; folds constants and loads nothing twice. */
export class ProgramBuilder {
  private readonly registers: RegisterKind[] = [{ kind: 'row' }];
  private readonly slots: Slot[] = [];
  private readonly slotNumbers = new Map<string, number>();
  private readonly outputs: Output[] = [];
  private readonly failures: (() => Error)[] = [];
  private readonly constants = new Map<number, Register>();
  private block: Instruction[] = [];
  /** Loads known in the current block and the blocks around it. */
  private loads: Map<string, Register>[] = [new Map()];
  private filters = false;
  private makesText = false;

  constant(value: number | boolean): Register {
    const number = Number(value);
    // −0 and 0 are one map key but two constants.
    if (Object.is(number, -0)) return this.add({ kind: 'constant', value: number });
    let register = this.constants.get(number);
    if (register === undefined) {
      register = this.add({ kind: 'constant', value: number });
      this.constants.set(number, register);
    }
    return register;
  }

  object(value: unknown): Register {
    return this.add({ kind: 'object', value });
  }

  /** The value of a constant register, or null. */
  valueOf(register: Register): number | null {
    const kind = this.registers[register] as RegisterKind;
    return kind.kind === 'constant' ? kind.value : null;
  }

  isFalse(register: Register): boolean {
    return this.valueOf(register) === 0;
  }

  isTrue(register: Register): boolean {
    const value = this.valueOf(register);
    return value !== null && value !== 0;
  }

  slot(path: readonly number[], type: DataType): number {
    const key = path.join();
    let number = this.slotNumbers.get(key);
    if (number === undefined) {
      number = this.slots.push({ path, type }) - 1;
      this.slotNumbers.set(key, number);
    }
    return number;
  }

  load(slot: number, part: LoadPart, row: Register): Register {
    const key = `${slot} ${part} ${part === 'bytes' ? '' : row}`;
    for (let depth = this.loads.length - 1; depth >= 0; depth--) {
      const known = this.loads[depth]?.get(key);
      if (known !== undefined) return known;
    }
    const to = this.computed(part === 'bytes');
    this.block.push({ kind: 'load', part, slot, row, to });
    this.loads.at(-1)?.set(key, to);
    return to;
  }

  /** An operation with one number or bool as result. */
  operation(name: OperationName, ...args: readonly Register[]): Register {
    const folded = this.fold(name, args);
    if (folded !== null) return folded;
    const to = this.computed((OPERATIONS[name] as Operation).result === 'object');
    this.block.push({ kind: 'operation', name, args, to: [to] });
    return to;
  }

  /** An operation with a (low, high) pair, four words or a (bytes, start, end) string as result. */
  operations(name: OperationName, ...args: readonly Register[]): readonly Register[] {
    const { result } = OPERATIONS[name] as Operation;
    if (result === 'text') this.makesText = true;
    const count = result === 'text' ? 3 : result === 'quad' ? 4 : 2;
    const to = Array.from({ length: count }, (_, i) => this.computed(result === 'text' && i === 0));
    this.block.push({ kind: 'operation', name, args, to });
    return to;
  }

  user(fn: Register, args: readonly Register[]): Register {
    const to = this.computed(true);
    this.block.push({ kind: 'user', fn, args, to });
    return to;
  }

  variable(initial = 0, holdsObject = false): Register {
    return this.add({ kind: 'variable', initial, holdsObject });
  }

  set(to: Register, from: Register): void {
    this.block.push({ kind: 'set', from, to });
  }

  branch(condition: Register, then: () => void, otherwise: () => void = () => undefined): void {
    if (this.valueOf(condition) !== null) {
      if (this.isTrue(condition)) then();
      else otherwise();
      return;
    }
    const whenTrue = this.collect(then);
    const whenFalse = this.collect(otherwise);
    this.block.push({ kind: 'if', condition, whenTrue, whenFalse });
  }

  skipUnless(condition: Register): void {
    this.filters = true;
    this.branch(
      this.not(condition),
      () => this.block.push({ kind: 'skip' }),
      () => undefined,
    );
  }

  failIf(condition: Register, error: () => Error): void {
    if (this.isFalse(condition)) return;
    this.block.push({ kind: 'failIf', condition, error: this.failures.push(error) - 1 });
  }

  store(output: Output, isNull: Register, parts: readonly Register[]): void {
    const number = this.outputs.push(output) - 1;
    this.block.push({ kind: 'store', output: number, isNull, parts });
  }

  comment(text: string): void {
    this.block.push({ kind: 'comment', text });
  }

  not(a: Register): Register {
    return this.operation('not', a);
  }

  and(a: Register, b: Register): Register {
    if (this.isFalse(a) || this.isTrue(b)) return a;
    if (this.isTrue(a) || this.isFalse(b) || a === b) return b;
    return this.operation('and', a, b);
  }

  or(a: Register, b: Register): Register {
    if (this.isTrue(a) || this.isFalse(b)) return a;
    if (this.isFalse(a) || this.isTrue(b) || a === b) return b;
    return this.operation('or', a, b);
  }

  finish(): Program {
    const { registers, slots, outputs, failures, filters } = this;
    const start: Instruction[] = this.makesText ? [{ kind: 'resetText' }] : [];
    return { registers, slots, outputs, failures, filters, instructions: [...start, ...this.block] };
  }

  private collect(fill: () => void): Instruction[] {
    const outer = this.block;
    this.block = [];
    this.loads.push(new Map());
    fill();
    this.loads.pop();
    const inner = this.block;
    this.block = outer;
    return inner;
  }

  private fold(name: OperationName, args: readonly Register[]): Register | null {
    const { code, run } = OPERATIONS[name] as Operation;
    if (code === null || args.length === 0) return null;
    const values = args.map((arg) => this.valueOf(arg));
    if (values.includes(null)) return null;
    return this.constant((run as (...values: (number | null)[]) => number | boolean)(...values));
  }

  private computed(holdsObject: boolean): Register {
    return this.add({ kind: 'computed', holdsObject });
  }

  private add(kind: RegisterKind): Register {
    return this.registers.push(kind) - 1;
  }
}
