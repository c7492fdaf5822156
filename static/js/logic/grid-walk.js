/**
 * Where an arrow key leads from picture `index`. boxes: { left, top, width } of each picture in reading order.
 * Up and down go to the nearest middle in the row above or below; at an edge the focus stays.
 */
export function walk(boxes, index, key) {
  if (key === "ArrowLeft") return Math.max(0, index - 1);
  if (key === "ArrowRight") return Math.min(boxes.length - 1, index + 1);
  const tops = [...new Set(boxes.map((box) => Math.round(box.top)))].sort((a, b) => a - b);
  const row = tops.indexOf(Math.round(boxes[index].top)) + (key === "ArrowDown" ? 1 : -1);
  if (row < 0 || row >= tops.length) return index;
  const middle = boxes[index].left + boxes[index].width / 2;
  const distance = (box) => Math.abs(box.left + box.width / 2 - middle);
  const inRow = [...boxes.keys()].filter((at) => Math.round(boxes[at].top) === tops[row]);
  return inRow.reduce((best, at) => (distance(boxes[at]) < distance(boxes[best]) ? at : best));
}
