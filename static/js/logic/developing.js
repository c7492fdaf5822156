// How a picture comes up out of the dark: the highlights first, then contrast, colour and sharpness.
// progress, brightness, contrast, saturation, blur in px; straight lines between the rows.
const STEPS = [
  [0, 0, 1.5, 0.4, 6],
  [0.39, 0.58, 1.5, 0.4, 4],
  [0.86, 0.86, 1.1, 0.88, 0.7],
  [1, 1, 1, 1, 0],
];

/** The look at `progress` (clamped to 0..1) as { brightness, contrast, saturation, blur }, blur in px. */
export function developed(progress) {
  const at = Math.min(1, Math.max(0, progress || 0));
  const next = Math.max(1, STEPS.findIndex(([from]) => from >= at));
  const [low, high] = [STEPS[next - 1], STEPS[next]];
  const share = (at - low[0]) / (high[0] - low[0]);
  const [brightness, contrast, saturation, blur] = low
    .slice(1)
    .map((value, index) => Math.round((value + (high[index + 1] - value) * share) * 100) / 100);
  return { brightness, contrast, saturation, blur };
}
