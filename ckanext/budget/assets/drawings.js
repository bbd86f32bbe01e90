/* Treemap and flows, drawn by ECharts from the JSON of a figure whose table is beside it. The library is fetched when a
   figure comes near the screen. Pieces that lead somewhere are links over the drawing: one stop for Tab, arrows between. */
(function () {
  "use strict";

  if (window.budgetDrawings) return;
  var NARROW = 560;
  var EXPORTED = 1000;
  var loading = null;

  function library(url) {
    if (window.echarts) return Promise.resolve(window.echarts);
    loading = loading || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = url;
      script.async = true;
      script.onload = function () { resolve(window.echarts); };
      script.onerror = function () { loading = null; reject(new Error(url)); };
      document.head.appendChild(script);
    });
    return loading;
  }

  /* -- colours: those of the style sheet, so that each category has the same everywhere */

  function palette(figure) {
    var style = getComputedStyle(figure);
    function read(name) { return style.getPropertyValue("--budget-" + name).trim() || "#525b69"; }
    return {
      ink: read("ink"),
      font: style.fontFamily.replace(/"/g, "'"), /* it is written as it is in an attribute */
      category: function (rank) { return read("k" + rank); },
      shade: function (sense, n) { return read(sense + (n ? "-" + Math.min(n, 4) : "")); }
    };
  }

  function light(colour) {
    var n = parseInt(colour.slice(1), 16);
    return (0.299 * (n >> 16) + 0.587 * ((n >> 8) & 255) + 0.114 * (n & 255)) > 140;
  }

  /* Fourteen patterns, one a category: what colours say, for those who do not see them apart. */
  var PATTERNS = [
    { rotation: 0.79, dashArrayX: [1, 0], dashArrayY: [2, 9] },
    { symbol: "circle", symbolSize: 0.5, dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0] },
    { rotation: 0, dashArrayX: [1, 0], dashArrayY: [2, 8] },
    { rotation: -0.79, dashArrayX: [1, 0], dashArrayY: [2, 9] },
    { symbol: "rect", symbolSize: 0.5, dashArrayX: [[9, 9], [0, 9, 9, 0]], dashArrayY: [9, 0] },
    { rotation: 1.571, dashArrayX: [1, 0], dashArrayY: [2, 8] },
    { symbol: "triangle", symbolSize: 0.6, dashArrayX: [[9, 9], [0, 9, 9, 0]], dashArrayY: [7, 2] },
    { rotation: 0.79, dashArrayX: [8, 5], dashArrayY: [2, 7] },
    { symbol: "circle", symbolSize: 0.8, dashArrayX: [[12, 12], [0, 12, 12, 0]], dashArrayY: [10, 2] },
    { rotation: -0.79, dashArrayX: [8, 5], dashArrayY: [2, 7] },
    { symbol: "diamond", symbolSize: 0.7, dashArrayX: [[10, 10], [0, 10, 10, 0]], dashArrayY: [9, 2] },
    { rotation: 0, dashArrayX: [8, 5], dashArrayY: [2, 7] },
    { rotation: 0.4, dashArrayX: [1, 0], dashArrayY: [4, 12] },
    { rotation: 1.571, dashArrayX: [8, 5], dashArrayY: [2, 7] }
  ];

  function pattern(rank, colour) {
    var ink = light(colour) ? "rgba(0,0,0,0.22)" : "rgba(255,255,255,0.3)";
    return Object.assign({ color: ink }, PATTERNS[rank % PATTERNS.length]);
  }

  /* A word on its own white ground: readable on any colour and pattern. */
  function label(colours, more) {
    return Object.assign({ color: colours.ink, backgroundColor: "#fff", padding: [2, 4], borderRadius: 2, fontSize: 13 }, more);
  }

  /* What a rectangle has room for: name and amount, the name alone, nothing. */
  function room(box) {
    if (!box || box.width < 64 || box.height < 24) return 0;
    return box.height < 46 ? 1 : 2;
  }

  /* A name in as many lines as its rectangle has room for; the last one is cut where the rectangle ends. */
  var pencil = document.createElement("canvas").getContext("2d");

  function named(text, box, font) {
    pencil.font = "600 13px " + font;
    var most = Math.max(1, Math.floor((box.height - 12) / 19) - 1);
    var lines = [];
    text.split(" ").forEach(function (word) {
      var longer = lines.length ? lines[lines.length - 1] + " " + word : word;
      if (lines.length && (lines.length >= most || pencil.measureText(longer).width <= box.width - 24)) {
        lines[lines.length - 1] = longer;
      } else lines.push(word);
    });
    return lines;
  }

  function plain(text) { return text.replace(/[{}|]/g, " "); }

  function treemap(data, colours, width, boxes) {
    var tones = data.items.map(function (item, n) {
      return item.rank === null ? colours.shade("d", n) : colours.category(item.rank);
    });
    var decals = data.items.map(function (item, n) {
      return pattern(item.rank === null ? n : item.rank, tones[n]);
    });
    return {
      aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals: decals } },
      series: [{
        type: "treemap",
        left: 0, top: 0, right: 0, bottom: 0,
        roam: false, nodeClick: false, breadcrumb: { show: false }, silent: true,
        itemStyle: { borderColor: "#fff", borderWidth: 0, gapWidth: 2 },
        label: {
          position: "insideTopLeft", distance: 3, overflow: "truncate", lineHeight: 19,
          rich: { w: label(colours), b: label(colours, { fontWeight: 600 }) },
          formatter: function (at) {
            var item = data.items[at.data.rank];
            var box = boxes[at.data.rank];
            var rooms = room(box);
            if (!rooms) return "";
            var share = item.share && box.width > 130 ? " · " + item.share : "";
            var lines = named(plain(item.name), box, colours.font).map(function (line) { return "{b|" + line + "}"; });
            return lines.concat(rooms > 1 ? "{w|" + item.short + share + "}" : []).join("\n");
          }
        },
        data: data.items.map(function (item, n) {
          /* the name chooses the pattern: it must be one of a kind */
          return { name: n + " " + item.name, value: item.value, rank: n, itemStyle: { color: tones[n] } };
        })
      }]
    };
  }

  function sankey(data, colours, width) {
    var narrow = width < NARROW;
    function tone(item, n, side) {
      if (item.kind === "balance") return colours.ink;
      if (item.rank !== null) return colours.category(item.rank);
      return colours.shade(side === "left" ? "r" : "d", item.kind === "category" || item.kind === "source" ? 1 : 2);
    }
    function node(item, n, side) {
      return {
        name: side + n, depth: side === "left" ? 0 : 2, value: item.value, said: item,
        itemStyle: { color: tone(item, n, side), borderColor: colours.ink, borderWidth: 0.5 },
        label: { position: side === "left" ? "right" : "left" }
      };
    }
    var left = data.left.map(function (item, n) { return node(item, n, "left"); });
    var right = data.right.map(function (item, n) { return node(item, n, "right"); });
    var middle = {
      name: "middle", depth: 1, said: data.middle, itemStyle: { color: colours.ink },
      label: { show: !narrow, position: "inside", rotate: 90, color: "#fff", backgroundColor: "transparent" }
    };
    return {
      series: [{
        type: "sankey",
        left: 0, right: 0, top: 4, bottom: 8,
        silent: true, draggable: false, layoutIterations: 0, nodeAlign: "justify",
        nodeWidth: narrow ? 10 : 16, nodeGap: narrow ? 32 : 18,
        lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
        label: label(colours, {
          backgroundColor: "rgba(255,255,255,0.85)", padding: [1, 4], fontSize: narrow ? 11 : 13, lineHeight: narrow ? 13 : 16,
          width: narrow ? width / 2 - 26 : undefined, overflow: "truncate",
          formatter: function (at) {
            var item = at.data.said;
            return narrow ? item.name + "\n" + item.short : item.name + (at.data.name === "middle" ? ", " : "  ") + item.short;
          }
        }),
        data: left.concat([middle], right),
        links: left.map(function (one) { return { source: one.name, target: "middle", value: one.value }; })
          .concat(right.map(function (one) {
            return { source: "middle", target: one.name, value: one.value, lineStyle: { color: "target" } };
          }))
      }]
    };
  }

  var KINDS = {
    treemap: {
      option: treemap,
      height: function (data, width) { return Math.round(Math.max(320, Math.min(600, width * 1.15))); },
      /* by rank of the piece; the smallest are not drawn, and have none */
      boxes: function (series, data) {
        var boxes = [];
        series.getData().tree.root.children.forEach(function (node) {
          var at = node.getLayout();
          var rank = node.getModel().option.rank;
          if (at) boxes[rank] = { item: data.items[rank], x: at.x, y: at.y, width: at.width, height: at.height };
        });
        return boxes;
      }
    },
    sankey: {
      option: sankey,
      height: function (data, width) {
        var most = Math.max(data.left.length, data.right.length);
        return width < NARROW ? 220 + most * 46 : 220 + most * 30;
      },
      /* a bar with its words: wide enough for a finger */
      boxes: function (series, data, width) {
        return series.getGraph().nodes.filter(function (node) { return node.id !== "middle"; }).map(function (node) {
          var at = node.getLayout();
          var wide = Math.min(230, width / 2 - 20);
          var high = Math.max(at.dy, 18);
          return {
            item: node.getModel().option.said,
            x: at.x > width / 2 ? at.x + at.dx - wide : at.x,
            y: at.y + 4 + (at.dy - high) / 2,
            width: wide,
            height: high
          };
        });
      }
    }
  };

  /* Twice: words are chosen by the room that the first drawing gives them. */
  function fill(chart, drawing, width) {
    var colours = palette(drawing.figure);
    var kind = KINDS[drawing.data.kind];
    var boxes = [];
    for (var n = 0; n < 2; n += 1) {
      chart.setOption(Object.assign({
        animation: false,
        textStyle: { fontFamily: colours.font, color: colours.ink }
      }, kind.option(drawing.data, colours, width, boxes)), true);
      boxes = kind.boxes(chart.getModel().getSeriesByIndex(0), drawing.data, width);
    }
    return boxes;
  }

  function render(drawing) {
    var width = drawing.box.clientWidth;
    if (!width || width === drawing.width) return;
    drawing.width = width;
    var height = KINDS[drawing.data.kind].height(drawing.data, width);
    drawing.box.style.height = height + "px";
    drawing.chart = drawing.chart || window.echarts.init(drawing.paper, null, { renderer: "svg" });
    drawing.chart.resize({ width: width, height: height });
    var boxes = fill(drawing.chart, drawing, width);
    var svg = drawing.paper.querySelector("svg");
    svg.setAttribute("viewBox", "0 0 " + width + " " + height); /* paper has another width */
    svg.setAttribute("focusable", "false");
    place(drawing, boxes);
  }

  /* -- links over the pieces */

  function place(drawing, boxes) {
    var focused = drawing.over.contains(document.activeElement) ? document.activeElement.dataset.rank : null;
    drawing.over.textContent = "";
    drawing.links = [];
    boxes.forEach(function (at) {
      var piece = document.createElement(at.item.url ? "a" : "span");
      piece.style.left = at.x + "px";
      piece.style.top = at.y + "px";
      piece.style.width = at.width + "px";
      piece.style.height = at.height + "px";
      piece.budgetSaid = at.item.name + (drawing.colon + at.item.said) + (at.item.share ? ", " + at.item.share : "");
      if (at.item.url) {
        piece.href = at.item.url;
        piece.setAttribute("aria-label", piece.budgetSaid);
        piece.tabIndex = drawing.links.length ? -1 : 0;
        piece.dataset.rank = drawing.links.length;
        drawing.links.push(piece);
      } else {
        piece.setAttribute("aria-hidden", "true");
      }
      drawing.over.appendChild(piece);
    });
    if (focused !== null) drawing.links[focused].focus();
  }

  function move(drawing, event) {
    var steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    var at = drawing.links.indexOf(event.target);
    if (at < 0 || !(event.key in steps || event.key === "Home" || event.key === "End")) return;
    var last = drawing.links.length - 1;
    var to = event.key === "Home" ? 0 : event.key === "End" ? last : at + steps[event.key];
    to = Math.max(0, Math.min(last, to));
    event.preventDefault();
    drawing.links[at].tabIndex = -1;
    drawing.links[to].tabIndex = 0;
    drawing.links[to].focus();
  }

  function tell(drawing, event) {
    drawing.said.textContent = event.target.budgetSaid || "\u00a0";
  }

  /* -- a figure */

  function build(figure) {
    var data = JSON.parse(figure.querySelector("script").textContent);
    var drawing = { figure: figure, data: data, links: [], colon: document.documentElement.lang.slice(0, 2) === "fr" ? "\u00a0: " : ": " };
    function part(name) {
      var made = document.createElement("div");
      made.className = "budget-drawing-" + name;
      return made;
    }
    drawing.box = part("box");
    drawing.paper = part("paper");
    drawing.paper.setAttribute("role", "img");
    drawing.paper.setAttribute("aria-label", data.label);
    drawing.over = part("over");
    drawing.over.setAttribute("role", "group");
    drawing.over.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    drawing.said = part("said");
    drawing.said.setAttribute("aria-hidden", "true");
    drawing.said.textContent = "\u00a0";
    drawing.box.append(drawing.paper, drawing.over);
    figure.insertBefore(drawing.box, figure.querySelector("figcaption"));
    figure.insertBefore(drawing.said, figure.querySelector("figcaption"));
    figure.hidden = false;
    drawing.box.style.height = KINDS[data.kind].height(data, drawing.box.clientWidth) + "px";
    drawing.over.addEventListener("keydown", function (event) { move(drawing, event); });
    ["mouseover", "focusin"].forEach(function (name) {
      drawing.over.addEventListener(name, function (event) { tell(drawing, event); });
    });
    figure.budgetDrawing = drawing;
    return drawing;
  }

  function draw(figure) {
    var drawing = figure.budgetDrawing;
    drawing.ready = drawing.ready || library(figure.dataset.library).then(function () {
      render(drawing);
      new ResizeObserver(function () { render(drawing); }).observe(drawing.box);
      figure.dataset.drawn = "yes";
    }, function () { figure.hidden = true; }); /* the table is there */
    return drawing.ready;
  }

  /* The drawing as SVG, of a width that does not depend on the screen. */
  function toSvg(figure) {
    return draw(figure).then(function () {
      var drawing = figure.budgetDrawing;
      var height = KINDS[drawing.data.kind].height(drawing.data, EXPORTED);
      var chart = window.echarts.init(null, null, { renderer: "svg", ssr: true, width: EXPORTED, height: height });
      fill(chart, drawing, EXPORTED);
      var text = chart.renderToSVGString();
      chart.dispose();
      return text;
    });
  }

  window.budgetDrawings = { toSvg: toSvg };

  function start() {
    var figures = document.querySelectorAll("figure[data-drawing]");
    if (!figures.length) return;
    var near = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        near.unobserve(entry.target);
        draw(entry.target);
      });
    }, { rootMargin: "600px" });
    figures.forEach(function (figure) {
      build(figure);
      near.observe(figure);
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
