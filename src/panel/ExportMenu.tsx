import React, { useContext, useState } from 'react';
import { spans } from '../language/counts';
import { t } from '../language/t';
import { paintPicture } from '../canvas/picture';
import type { Scene } from '../canvas/scene';
import { jsonText } from '../trace/export/json';
import { toFlowchart, toSequenceDiagram } from '../trace/export/mermaid';
import { formatTime } from '../trace/format';
import { BackendContext, reasonOf } from './backend';
import { useTrace } from './context';
import { OpenFile } from './file/OpenFile';
import { FileContext } from './file/traceFiles';
import { Menu } from './Menu';
import { shownTab } from './state/choices';
import { copyText, linkTo, saveFile } from './save';

const PNG_WIDTH = 1600;

export interface ExportMenuProps {
  /** What the graph shows; null while another view is open. */
  scene: () => Scene | null;
  /** Time range of the dashboard, so that a link finds the trace tomorrow. */
  timeRange?: { from: number; to: number };
  opener?: React.RefObject<HTMLButtonElement | null>;
}

/** Ways to take the trace, or a link to it, elsewhere. */
export function ExportMenu({ scene, timeRange, opener }: ExportMenuProps) {
  const { analysis, state, viewport, act } = useTrace();
  const { trace } = analysis;
  const backend = useContext(BackendContext);
  const opened = useContext(FileContext)?.opened; // nobody else has what a link would lead to
  const [said, setSaid] = useState('');
  const [failed, setFailed] = useState('');
  const name = `trace-${trace.meta.traceId || 'unnamed'}`;
  const done = (words: string) => {
    setFailed('');
    setSaid(words);
    act.openMenu('');
  };
  const copy = (text: string, said: string) => copyText(text).then(() => done(said));
  const save = (file: string, content: Blob) => {
    saveFile(file, content);
    done(t('export.saved', '{{file}} saved', { file }));
  };
  const saveOtlp = async () => {
    setFailed('');
    setSaid(t('export.reading', 'Reading the whole trace …'));
    try {
      save(`${name}.otlp.json`, await backend!.exportOtlp(trace.text.id[0]));
    } catch (error) {
      setSaid('');
      setFailed(t('export.failed', 'The trace could not be read: {{why}}', { why: reasonOf(error) }));
    }
  };
  const png = () => {
    const shown = scene();
    const canvas =
      shown &&
      paintPicture({
        scene: shown,
        from: viewport.from,
        to: viewport.to,
        width: PNG_WIDTH,
        title: t('export.picture-title', 'Trace {{id}}, {{spans}}, {{time}}', { id: trace.meta.traceId, spans: spans(trace.length), time: formatTime(trace.to - trace.from) }),
        subtitle: analysis.account.sentence,
      });
    canvas?.toBlob((blob) => {
      if (blob) {
        save(`${name}.png`, blob);
      }
    }, 'image/png');
  };
  const selected = state.selected >= 0 ? trace.text.id[state.selected] : '';
  const items: Array<[string, string, () => void]> = [
    ...(opened
      ? []
      : [[selected ? t('export.link-span', 'Copy link to this span') : t('export.link-trace', 'Copy link to this trace'), 'URL', () => copy(linkTo(window.location.href, trace.meta.traceId, selected, timeRange), t('export.link-copied', 'Link copied'))] as [string, string, () => void]]),
    ...(shownTab(trace, state.tab) === 'flame' ? [[t('export.picture', 'Save picture'), 'PNG', png] as [string, string, () => void]] : []),
    [t('export.trace', 'Save trace'), 'JSON', async () => save(`${name}.json`, new Blob(await jsonText(trace), { type: 'application/json' }))],
    ...(backend && trace.length > 0 ? [[t('export.otlp', 'Save for OpenTelemetry'), 'OTLP JSON', saveOtlp] as [string, string, () => void]] : []),
    [t('export.sequence', 'Copy sequence diagram'), 'Mermaid', () => copy(toSequenceDiagram(analysis), t('export.diagram-copied', 'Diagram copied'))],
    [t('export.flowchart', 'Copy flowchart of services'), 'Mermaid', () => copy(toFlowchart(analysis), t('export.diagram-copied', 'Diagram copied'))],
  ];
  return (
    <>
      <Menu menu="export" name={t('export.export', 'Export')} title={t('export.title', 'Links, files and diagrams')} opener={opener}>
        {items.map(([words, format, run]) => (
          <button key={words} className="tl-menu-item" onClick={run}>
            {words} <span className="tl-dim">{format}</span>
          </button>
        ))}
        <OpenFile className="tl-menu-item" onOpen={() => act.openMenu('')}>
          {t('file.open', 'Open a file…')} <span className="tl-dim">JSON</span>
        </OpenFile>
        {failed && (
          <div role="alert" className="tl-failed">
            {failed}
          </div>
        )}
      </Menu>
      <span className="tl-sr" aria-live="polite">
        {said}
      </span>
    </>
  );
}
