// Renders docs/*.md to pages for browsers: dist/docs/<name>.html, which the server gives to those who ask for HTML.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Marked } from 'marked';
import { gfmHeadingId } from 'marked-gfm-heading-id';

/** As docs/index.html looks; wide tables and code scroll by themselves, by keyboard too. */
const STYLE = `
    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
    body { max-width: 52rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: break-word; }
    nav { margin-bottom: 2rem; }
    h1, h2, h3, h4 { line-height: 1.25; margin: 2em 0 .5em; scroll-margin-top: 1rem; }
    h1 { margin-top: 0; }
    code, pre { font: .875em/1.5 ui-monospace, monospace; background: #8882; border-radius: .25rem; }
    code { padding: .1em .3em; }
    pre { padding: .75rem 1rem; overflow-x: auto; }
    pre code { padding: 0; font-size: 1em; background: none; }
    .wide { overflow-x: auto; margin: 1em 0; }
    table { border-collapse: collapse; width: 100%; font-size: .9375em; }
    th, td { padding: .4rem .75rem .4rem 0; text-align: start; vertical-align: top; border-bottom: 1px solid #8884; }
    td { min-width: 5rem; }
    @media (max-width: 40rem) { body { margin: 1rem auto; } }`;

/** An HTML page of a page in Markdown. Anchors are those of GitHub, where the source is read too. */
export function pageOf(markdown) {
  const marked = new Marked(gfmHeadingId(), {
    hooks: {
      postprocess: (html) =>
        html
          .replaceAll('<pre>', '<pre tabindex="0">')
          .replaceAll('<table>', '<div class="wide" tabindex="0"><table>')
          .replaceAll('</table>', '</table></div>'),
    },
  });
  const [, title = 'Documentation'] = /^# (.+)$/m.exec(markdown) ?? [];
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')} · Fillwire</title>
    <style>${STYLE}
    </style>
  </head>
  <body>
    <nav><a href="/docs">Fillwire: documentation</a></nav>
    <main>
${marked.parse(markdown)}
    </main>
  </body>
</html>
`;
}

/** Answers how many there are. */
export function buildPages(from, to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from).filter((name) => name.endsWith('.md'));
  for (const name of names) {
    const page = pageOf(readFileSync(join(from, name), 'utf8'));
    writeFileSync(join(to, `${basename(name, '.md')}.html`), page);
  }
  return names.length;
}
