// The theme's colours as variables on the root element of the panel.
import { differenceLines } from '../../canvas/differenceTones';
import type { Palette } from '../../canvas/theme';

export function cssVariables(p: Palette): Record<string, string> {
  return {
    '--tl-bg': p.background,
    '--tl-sunken': p.sunken,
    '--tl-raised': p.raised,
    '--tl-border': p.border,
    '--tl-border2': p.dark ? 'rgba(204,204,220,.2)' : 'rgba(36,41,46,.3)',
    '--tl-text': p.text,
    '--tl-weak': p.textWeak,
    '--tl-max': p.dark ? '#fff' : '#000',
    '--tl-ink': p.ink,
    '--tl-focus': p.focus,
    '--tl-primary': p.dark ? '#3d71d9' : '#3871dc',
    '--tl-error': p.errorLine,
    '--tl-error-fill': p.error,
    '--tl-doubt': p.doubt,
    '--tl-ok': p.ok,
    '--tl-net': p.net.self,
    '--tl-slower': differenceLines(p)[0],
    '--tl-faster': differenceLines(p)[1],
    '--tl-hover': p.dark ? 'rgba(204,204,220,.08)' : 'rgba(36,41,46,.06)',
    '--tl-on': p.dark ? 'rgba(204,204,220,.14)' : 'rgba(36,41,46,.1)',
    '--tl-shadow': p.dark ? '0 8px 24px rgba(1,4,9,.75)' : '0 8px 24px rgba(24,26,27,.2)',
  };
}
