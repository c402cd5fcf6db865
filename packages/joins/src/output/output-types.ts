import type { Fields, WithNull } from '@sabot/columnar';

/** The name that a column of the second side gets: prefixed, and suffixed where the first side has that name already. */
export type OutputName<
  F extends Fields,
  C extends string,
  P extends string,
  X extends string,
> = `${P}${C}` extends keyof F ? `${P}${C}${X}` : `${P}${C}`;

type Nullable<F extends Fields> = { readonly [C in keyof F]: WithNull<F[C], true> };

type Renamed<F extends Fields, R extends Fields, S extends keyof R & string, P extends string, X extends string> = {
  readonly [C in S as OutputName<F, C, P, X>]: R[C];
};

type Flat<F> = { readonly [C in keyof F]: F[C] };
type AsFields<F> = Flat<F> extends infer J extends Fields ? J : never;

/** The columns of a join that keeps every row of its first side: those, then the chosen ones of the second, renamed. */
export type JoinedFields<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  P extends string,
  X extends string,
  J extends 'inner' | 'left',
> = AsFields<L & Renamed<L, J extends 'left' ? Nullable<R> : R, S, P, X>>;

/** The same for a join that may miss rows of either side. */
export type OuterJoinedFields<
  L extends Fields,
  R extends Fields,
  S extends keyof R & string,
  P extends string,
  X extends string,
  J extends 'inner' | 'left' | 'right' | 'full',
> = AsFields<
  (J extends 'right' | 'full' ? Nullable<L> : L) & Renamed<L, J extends 'left' | 'full' ? Nullable<R> : R, S, P, X>
>;
