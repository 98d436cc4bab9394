// The panel's style sheet. One text with a prefix of its own instead of a style library: it is
// needed once, its colours are variables on the root element, and the panel then has no run-time
// dependency but React. A new part has its rules in a file of its own here.
import { BASE } from './base';
import { COMPARE } from './compare';
import { DETAILS } from './details';
import { DIFFERING } from './differing';
import { DRAWER } from './drawer';
import { FILE } from './file';
import { HEADER } from './header';
import { HOPS } from './hops';
import { LADDER } from './ladder';
import { MENU } from './menu';
import { NARROW } from './narrow';
import { STAGE } from './stage';
import { STATES } from './states';
import { TABLE } from './table';
import { TIP } from './tip';
import { TOOLBAR } from './toolbar';

export { cssVariables } from './variables';

export const STYLES = [BASE, TOOLBAR, MENU, HEADER, STAGE, TIP, DRAWER, DETAILS, DIFFERING, LADDER, TABLE, COMPARE, HOPS, STATES, FILE, NARROW].join('');
