/** What is at /docs of a server, in the order in which one reads it. */
export const DOCUMENTS: ReadonlyArray<readonly [file: string, title: string, what: string]> = [
  ['first-client.md', 'First client in ten minutes', 'curl, Node, Python'],
  ['protocol.md', 'The protocol', 'connection, requests, channels, pushes, frames, close codes, limits'],
  ['http.md', 'HTTP routes', 'register, log in, refresh, log out, health'],
  ['ops.md', 'Ops', 'every request with its result and an example'],
  ['types.md', 'Types', 'each once, with what its fields mean'],
  ['resume.md', 'Resume, acks and the hash', 'how a view stays whole over cuts'],
  ['errors.md', 'Errors and retries', 'what to do after each code'],
  ['clocks.md', 'Clocks', 'wall time and market time'],
  ['configuration.md', 'Configuration', 'variables of the environment'],
  ['asyncapi.json', 'AsyncAPI 3', 'the socket, for machines'],
  ['openapi.json', 'OpenAPI 3.1', 'the HTTP routes, for machines'],
  ['schemas.json', 'JSON Schemas', 'types, arguments, results, pushes'],
  ['examples.json', 'Examples', 'one of each, as a test exchanged it'],
];

/** docs/index.html. Links are whole, since the page is shown at /docs as well. */
export function indexPage(version: string): string {
  const rows = DOCUMENTS.map(
    ([file, title, what]) => `    <li><a href="/docs/${file}">${title}</a><span>${what}</span></li>`,
  );
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Fillwire: documentation</title>
  <style>
    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
    body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
    ul { padding: 0; list-style: none; }
    li { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .5rem 0; border-bottom: 1px solid #8884; }
    a { flex: 0 0 16rem; }
  </style>
  <h1>Fillwire ${version}</h1>
  <p>Log in over HTTP, then everything over one WebSocket. The dashboard is a client like any other.</p>
  <p>Programs get each page as it is written, in Markdown; so do you with <code>?raw</code> behind its address.</p>
  <ul>
${rows.join('\n')}
  </ul>
</html>
`;
}
