// npm start [-- --replay FILE --speed N|max --from N]
import { launch } from './launch.mjs';

await launch('main', process.argv.slice(2), ['client', 'docs', 'server']);
