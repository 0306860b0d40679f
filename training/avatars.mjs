// Writes avatars as lines of JSON, {labels, svg}, every choice made here from (seed, index) so that its label is known.
//
//     node avatars.mjs COUNT SEED        # run by avatars.py, in the folder that holds node_modules
//
// Each attribute is drawn evenly and apart from the others: here no hair, skin or beard implies another.
import { createAvatar } from "@dicebear/core";
import * as pixelArt from "@dicebear/pixel-art";
import * as lorelei from "@dicebear/lorelei";
import * as openPeeps from "@dicebear/open-peeps";

const AXES = { style: 3, hair: 6, length: 2, skin: 3, mood: 2, glasses: 2, beard: 2 };
// The order is that of avatar_words.py; two shades of each.
const HAIR = [["1c1714", "2a211c"], ["6b3e1e", "7d4a26"], ["e6be5a", "f0cf78"], ["b5371f", "c94a28"], ["e75fa6", "f27fbb"], ["3b6fd4", "2f8fe0"]];
const SKIN = [["ffdbb4", "f7d0ad"], ["d08b5b", "c98a55"], ["7a4a2b", "694d3d"]];
const CLOTHES = ["5bc0de", "44c585", "ff6f69", "ffd969", "8fa7df"];

const STYLES = [
  (pick, is, hair, skin) => [pixelArt, {
    hair: [is.length ? pick(["long01", "long03", "long07", "long09", "long13"]) : pick(["short01", "short02", "short03", "short06", "short14"])],
    hairColor: [hair], skinColor: [skin],
    mouth: [is.mood ? "sad01" : pick(["happy06", "happy09", "happy12"])], mouthColor: [pick(["a8201a", "c0392b"])],
    eyes: [pick(["variant01", "variant02", "variant05"])],
    glasses: [pick(["light05", "light06", "light07"])], glassesColor: [pick(["191919", "43677d"])], glassesProbability: 100 * is.glasses,
    beard: [pick(["variant01", "variant02", "variant04"])], beardProbability: 100 * is.beard,
    clothing: [pick(["variant01", "variant02", "variant12"])], clothingColor: [pick(CLOTHES)],
    hatProbability: 0, accessoriesProbability: 0,
  }],
  (pick, is, hair, skin) => [lorelei, {
    scale: 120, translateY: 6,
    hair: [is.length ? pick(["variant13", "variant15", "variant21", "variant24", "variant32"]) : pick(["variant01", "variant04", "variant05", "variant08", "variant39"])],
    hairColor: [hair], skinColor: [skin], head: ["variant04"],
    mouth: [is.mood ? pick(["sad04", "sad05"]) : pick(["happy05", "happy06", "happy15"])],
    eyes: [pick(["variant03", "variant09", "variant12"])], eyebrows: [pick(["variant01", "variant10"])], nose: ["variant02"],
    glasses: [pick(["variant01", "variant03", "variant04"])], glassesProbability: 100 * is.glasses,
    beard: [pick(["variant01", "variant02"])], beardProbability: 100 * is.beard,
    earringsProbability: 0, frecklesProbability: 0, hairAccessoriesProbability: 0,
  }],
  (pick, is, hair, skin) => {
    // Most heads of Open Peeps are drawn in black; these few take a colour.
    const heads = is.hair === 0
      ? [["short2", "flatTop", "shaved2", "pomp"], ["long", "bangs2", "mediumStraight", "bangs"]]
      : [["grayShort", "mohawk"], ["bangs", "mediumBangs2"]];
    return [openPeeps, {
      head: [pick(heads[is.length])], headContrastColor: [hair], skinColor: [skin],
      face: [is.mood ? pick(["solemn", "tired"]) : pick(["smileBig", "smile"])],
      accessories: [pick(["glasses", "glasses2", "glasses4"])], accessoriesProbability: 100 * is.glasses,
      facialHair: [is.hair === 0 ? pick(["full", "full2", "full3"]) : "full4"], facialHairProbability: 100 * is.beard,
      clothingColor: [pick(CLOTHES)], maskProbability: 0,
    }];
  },
];

// Mulberry32: small, and the same in every version of node.
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const [count, seed] = process.argv.slice(2).map(Number);
const draw = random(seed);
const pick = (choices) => choices[Math.floor(draw() * choices.length)];
for (let index = 0; index < count; index++) {
  const is = {};
  for (const [name, size] of Object.entries(AXES)) is[name] = Math.floor(draw() * size);
  const [style, options] = STYLES[is.style](pick, is, pick(HAIR[is.hair]), pick(SKIN[is.skin]));
  const svg = createAvatar(style, { seed: String(index), ...options }).toString();
  process.stdout.write(JSON.stringify({ labels: Object.values(is), svg }) + "\n");
}
