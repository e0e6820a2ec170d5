/**
 * Recent slots as bars, oldest first. `codes`: n none yet, o on time, l late (half), f failed (notched), s skipped or
 * cancelled (hollow), w waiting (hollow, brand), r running (moving).
 */
Component({
  properties: {
    codes: { type: Array, value: [] as string[] },
  },
});
