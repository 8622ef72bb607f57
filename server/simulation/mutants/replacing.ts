/** Puts a method of the product back that was replaced. */
export type PutBack = () => void;

/** Replaces a method of a part of the product, for as long as one run takes: whoever calls it, in whatever process. */
export function replacing<Part extends object, Name extends keyof Part>(
  part: Part,
  name: Name,
  make: (real: Part[Name]) => Part[Name],
): PutBack {
  const real = part[name];
  part[name] = make(real);
  return () => {
    part[name] = real;
  };
}
