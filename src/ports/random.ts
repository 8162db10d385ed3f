/** Randomness, from the machine or from a seed. */
export interface Random {
  /** Uniform in [0, 1). */
  unit(): number;
  /** 64 bits as 16 lower-case hexadecimal digits: an incarnation. */
  hex64(): string;
}
