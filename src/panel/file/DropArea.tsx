import React, { useState } from 'react';
import { t } from '../../language/t';
import type { Palette } from '../../canvas/theme';
import { cssVariables } from '../styles';

interface DropAreaProps {
  palette: Palette;
  /** Takes a file; undefined where nobody can read it. */
  open?: (file: File) => void;
  style?: React.CSSProperties;
  children: React.ReactNode;
}

/** The panel as a place that a file can be dropped on. */
export function DropArea({ palette, open, style, children }: DropAreaProps) {
  const [over, setOver] = useState(false);
  const holdsFile = (e: React.DragEvent) => open !== undefined && Array.from(e.dataTransfer.types).includes('Files');
  return (
    <div
      data-testid="throughline-drop"
      style={{ position: 'relative', ...style }}
      onDragOver={(e) => {
        if (holdsFile(e)) {
          e.preventDefault(); // else the browser leaves the page for the file
          e.stopPropagation();
          e.dataTransfer.dropEffect = 'copy';
          setOver(true);
        }
      }}
      onDragLeave={(e) => {
        if (!e.currentTarget.contains(e.relatedTarget as Node | null)) {
          setOver(false);
        }
      }}
      onDrop={(e) => {
        setOver(false);
        const file = holdsFile(e) ? e.dataTransfer.files[0] : undefined;
        if (file) {
          e.preventDefault();
          e.stopPropagation();
          open!(file);
        }
      }}
    >
      {children}
      {over && (
        <div className="tl-float tl-drop" style={cssVariables(palette) as React.CSSProperties}>
          {t('file.drop', 'Drop the saved trace to open it here')}
        </div>
      )}
    </div>
  );
}
