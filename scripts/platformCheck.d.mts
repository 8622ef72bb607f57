export interface PlatformFacts {
  nodeVersion: string;
  /** process.versions.modules */
  abi: number;
  platform: string;
  /** Undefined: no glibc. */
  glibcVersion: string | undefined;
}
export function platformProblem(facts: PlatformFacts): string | undefined;
export function requirePlatform(): void;
