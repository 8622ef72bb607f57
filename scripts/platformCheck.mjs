// Says in plain words why Fillwire cannot run here, before a native module says it in its own.

/** First Node ABI that needs the newer uWebSockets.js binary, and the glibc that binary needs. */
const NEWER_BINARY_ABI = 137;
const NEWER_BINARY_GLIBC = '2.38';
const OLDER_BINARY_GLIBC = '2.27';
const NODE_RANGE_TEXT = 'Node 20 (from 20.19), 22, or 24 and newer';

function versionBelow(version, minimum) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minMajor = 0, minMinor = 0] = minimum.split('.').map(Number);
  return major < minMajor || (major === minMajor && minor < minMinor);
}

/** Undefined when this platform is served; else what is wrong and what to do. */
export function platformProblem({ nodeVersion, abi, platform, glibcVersion }) {
  const [major, minor] = nodeVersion.split('.').map(Number);
  const known = (major === 20 && minor >= 19) || major === 22 || major >= 24;
  if (!known) return `Fillwire needs ${NODE_RANGE_TEXT}; this is Node ${nodeVersion}.`;
  if (platform !== 'linux') return undefined;
  if (glibcVersion === undefined) {
    return 'Fillwire needs a Linux with glibc (Debian, Ubuntu, Fedora …); this one has another C library, such as Alpine’s musl.';
  }
  const needed = abi >= NEWER_BINARY_ABI ? NEWER_BINARY_GLIBC : OLDER_BINARY_GLIBC;
  if (!versionBelow(glibcVersion, needed)) return undefined;
  const older = abi >= NEWER_BINARY_ABI ? ' Node 22 works here too.' : '';
  return `Node ${nodeVersion} needs glibc ${needed} for uWebSockets.js (Debian 13, Ubuntu 24.04); this system has ${glibcVersion}.${older}`;
}

/** Ends the process with the reason when this platform is not served. */
export function requirePlatform() {
  const report = process.platform === 'linux' ? process.report.getReport() : undefined;
  const problem = platformProblem({
    nodeVersion: process.versions.node,
    abi: Number(process.versions.modules),
    platform: process.platform,
    glibcVersion: report?.header?.glibcVersionRuntime,
  });
  if (problem === undefined) return;
  console.error(problem);
  process.exit(1);
}
