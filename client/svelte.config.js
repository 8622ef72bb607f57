/** Runes everywhere: a component that still uses the older syntax is an error. */
export default { compilerOptions: { runes: true } };
