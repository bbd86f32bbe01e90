/* A view as an image: what is on the page (drawings, charts over the years, tables with bars) in one SVG that stands
   alone, with its title, source, date and address; as PNG, the same at twice its size. */
(function () {
  "use strict";

  var MARGIN = 28;
  var WIDTH = 1000;
  var FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif";
  var INK = "#1d2433";
  var MUTED = "#525b69";
  var RULE = "#d9dee6";
  var KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap", "font-size", "font-weight", "text-anchor"];
  var NS = "http://www.w3.org/2000/svg";
  var pencil = document.createElement("canvas").getContext("2d");

  function measure(text, size, bold) {
    pencil.font = (bold ? "600 " : "") + size + "px " + FONT;
    return pencil.measureText(text).width;
  }

  function escaped(text) {
    return String(text).replace(/[&<>"]/g, function (c) {
      return { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[c];
    });
  }

  /* Words in lines no wider than they may be; a word that is wider alone (an address) is cut. */
  function wrap(text, width, size, bold) {
    var lines = [];
    var line = "";
    text.split(/[ \n]+/).forEach(function (word) {
      while (measure(word, size, bold) > width && word.length > 4) {
        var fits = word.length;
        while (measure(word.slice(0, fits), size, bold) > width && fits > 4) fits -= 1;
        if (line) lines.push(line);
        line = "";
        lines.push(word.slice(0, fits));
        word = word.slice(fits);
      }
      var longer = line ? line + " " + word : word;
      if (measure(longer, size, bold) > width && line) {
        lines.push(line);
        line = word;
      } else line = longer;
    });
    return lines.concat(line ? [line] : []);
  }

  function words(x, y, text, size, more) {
    var given = Object.assign({ fill: INK }, more);
    var attributes = Object.keys(given).map(function (name) { return " " + name + '="' + escaped(given[name]) + '"'; });
    return '<text x="' + x + '" y="' + y + '" font-size="' + size + '"' + attributes.join("") + ">" + escaped(text) + "</text>";
  }

  /* What is read, without what is only for screen readers, and without charts. */
  function read(element) {
    var copy = element.cloneNode(true);
    copy.querySelectorAll(".visually-hidden, svg, .budget-term-tip, script").forEach(function (one) { one.remove(); });
    copy.querySelectorAll("small").forEach(function (one) { one.prepend(", "); });
    return copy.textContent.replace(/\s+/g, " ").replace(/ ,/g, ",").trim();
  }

  var drawn = 0;

  /* A chart of the page, its style written in it, at a place of the image. */
  function placed(svg, x, y, width, height) {
    var copy = svg.cloneNode(true);
    var sources = [svg].concat(Array.from(svg.querySelectorAll("*")));
    var copies = [copy].concat(Array.from(copy.querySelectorAll("*")));
    sources.forEach(function (source, n) {
      if (!("ownerSVGElement" in source) || /^(title|desc|defs)$/.test(source.nodeName)) return;
      var style = getComputedStyle(source);
      copies[n].removeAttribute("style");
      copies[n].removeAttribute("class");
      KEPT.forEach(function (name) {
        var value = style.getPropertyValue(name);
        if (value) copies[n].setAttribute(name, value.replace(/url\((["']?)[^#)]*#([^"')]+)\1\)/, "url(#$2)"));
      });
      if (style.display === "none") copies[n].setAttribute("display", "none");
    });
    ["role", "aria-label", "aria-hidden", "focusable", "data-draw"].forEach(function (name) { copy.removeAttribute(name); });
    copy.setAttribute("x", x);
    copy.setAttribute("y", y);
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.setAttribute("overflow", "visible");
    return unique(new XMLSerializer().serializeToString(copy));
  }

  /* Names of patterns: one of a kind in the whole image. */
  function unique(text) {
    drawn += 1;
    return text.replace(/\bid="([^"]+)"/g, 'id="d' + drawn + '-$1"').replace(/url\((?:&quot;|")?#([^)"&]+)(?:&quot;|")?\)/g, "url(#d" + drawn + "-$1)");
  }

  function bar(cell, x, y, width) {
    var svg = cell && cell.querySelector("svg");
    if (!svg) return "";
    var fixed = svg.classList.contains("budget-spark");
    var height = Number(svg.getAttribute("height")) || 12;
    return placed(svg, x, y - height + 2, fixed ? 90 : width, height);
  }

  /* -- the parts of a view: each gives its SVG and its height */

  function title(element, width) {
    var lines = wrap(read(element), width, 16, true);
    return {
      height: 16 + lines.length * 20,
      text: lines.map(function (line, n) { return words(0, 28 + n * 20, line, 16, { "font-weight": 600 }); }).join("")
    };
  }

  function chart(svg, width) {
    var height = Number(svg.getAttribute("height")) || svg.getBoundingClientRect().height;
    return { height: height + 14, text: placed(svg, 76, 10, width - 76, height) };
  }

  function keys(list, width) {
    var x = 0;
    var y = 18;
    var text = "";
    Array.from(list.children).forEach(function (item) {
      var said = read(item);
      var wide = measure(said, 13) + 52;
      if (x + wide > width && x) { x = 0; y += 20; }
      text += swatch(item.querySelector(".budget-key"), x, y) + words(x + 26, y, said, 13);
      x += wide;
    });
    return { height: y + 10, text: text };
  }

  function swatch(key, x, y) {
    if (!key) return "";
    if (key.classList.contains("budget-key-mark")) return '<path d="M' + x + " " + (y - 5) + 'h18" stroke="' + INK + '" stroke-width="3"/>';
    var hatched = key.classList.contains("budget-key-hatched");
    var gap = key.classList.contains("budget-key-gap");
    var fill = hatched ? "#fff" : getComputedStyle(key).backgroundColor;
    var box = '<rect x="' + x + '" y="' + (y - 11) + '" width="18" height="13" fill="' + fill + '" stroke="' + MUTED + '"' + (gap ? ' stroke-dasharray="2 3"' : "") + "/>";
    return box + (hatched ? '<path d="M' + x + " " + (y + 2) + "l13 -13M" + (x + 6) + " " + (y + 2) + 'l12 -12" stroke="' + MUTED + '" stroke-width="2"/>' : "");
  }

  function bars(list, width) {
    var rows = Array.from(list.children).map(function (item) {
      return { label: read(item.querySelector("span > span")), cells: [read(item.querySelector("strong"))], bar: item };
    });
    return grid({ caption: "", head: [], rows: rows, foot: [] }, width);
  }

  function table(element, width) {
    var trend = element.querySelector("td svg.budget-spark");
    var at = trend ? trend.closest("td").cellIndex : 0;
    function row(line) {
      var cells = Array.from(line.cells);
      var shown = cells.filter(function (cell, n) { return n && n !== at; });
      return {
        label: read(cells[0]),
        cells: shown.map(read),
        bar: cells[at],
        bars: shown.some(function (cell) { return cell.querySelector("svg"); }) ? shown : null
      };
    }
    function rows(part) { return part ? Array.from(part.rows).map(row) : []; }
    var body = Array.from(element.tBodies).reduce(function (all, part) { return all.concat(rows(part)); }, []);
    var head = Array.from(element.tHead.rows[0].cells).map(read);
    if (at) head.splice(at, 1);
    return grid({ caption: read(element.caption), head: head, rows: body, foot: rows(element.tFoot) }, width);
  }

  function grid(said, width) {
    var every = said.rows.concat(said.foot);
    var count = Math.max.apply(null, every.map(function (row) { return row.cells.length; }).concat(0));
    var columns = [];
    for (var n = 0; n < count; n += 1) {
      columns.push(14 + Math.max.apply(null, every.map(function (row) { return measure(row.cells[n] || "", 13, true); })
        .concat(Math.min(90, measure(said.head[n + 1] || "", 12, true)))));
    }
    var numbers = columns.reduce(function (sum, one) { return sum + one; }, 0);
    var charted = every.some(function (row) { return row.bar && row.bar.querySelector("svg"); });
    var spark = said.rows.some(function (row) { return row.bar && row.bar.querySelector(".budget-spark"); });
    var free = Math.max(width - numbers, 420);
    var barred = charted ? (spark ? 104 : free * 0.45) : 0;
    var label = free - barred - 12;
    var y = 0;
    var text = "";
    if (said.caption) {
      wrap(said.caption, width, 14, true).forEach(function (line) { y += 20; text += words(0, y, line, 14, { "font-weight": 600 }); });
      y += 6;
    }
    if (said.head.length) {
      var heads = said.head.map(function (one, rank) { return wrap(one, rank ? columns[rank - 1] - 12 : label, 12, true); });
      var most = Math.max.apply(null, heads.map(function (lines) { return lines.length; }));
      heads.forEach(function (lines, rank) { text += cell(lines, rank, y + 14, 12, { fill: MUTED, "font-weight": 600 }); });
      y += most * 15 + 6;
    }
    function cell(lines, rank, at, size, more) {
      var x = rank ? free + columns.slice(0, rank).reduce(function (sum, one) { return sum + one; }, 0) : 0;
      return lines.map(function (line, n) {
        return words(x, at + n * 15, line, size, Object.assign(rank ? { "text-anchor": "end" } : {}, more));
      }).join("");
    }
    every.forEach(function (row, n) {
      var foot = n >= said.rows.length;
      var lines = wrap(row.label, label, 13, foot);
      text += '<path d="M0 ' + y + "H" + (free + numbers) + '" stroke="' + (foot ? INK : RULE) + '"/>';
      text += cell(lines, 0, y + 17, 13, foot ? { "font-weight": 700 } : {});
      row.cells.forEach(function (one, rank) { text += cell([one], rank + 1, y + 17, 13, foot ? { "font-weight": 700 } : {}); });
      if (!foot && barred) text += bar(row.bar, label + 12, y + (spark ? 26 : 19), barred - 16);
      if (!foot && row.bars) row.bars.forEach(function (one, rank) {
        var x = free + columns.slice(0, rank).reduce(function (sum, wide) { return sum + wide; }, 0);
        text += bar(one, x + 10, y + 26, columns[rank] - 10);
      });
      y += Math.max(lines.length * 15, row.bars ? 20 : spark ? 21 : 15) + 9;
    });
    return { height: y + 16, text: text, width: free + numbers };
  }

  function drawing(figure) {
    return window.budgetDrawings.toSvg(figure).then(function (text) {
      var size = /width="(\d+)" height="(\d+)"/.exec(text);
      return { height: Number(size[2]) + 12, text: unique(text.replace(/^<svg/, '<svg y="8"')) };
    });
  }

  var PARTS = { title: title, svg: chart, keys: keys, bars: bars, table: table, drawing: drawing };

  /* -- the whole image */

  function compose(box) {
    var view = document.getElementById(box.dataset.budgetExport);
    var width = WIDTH;
    var parts = Array.from(view.querySelectorAll("[data-draw]")).filter(function (part) {
      return part.offsetParent !== null || part.getClientRects().length;
    });
    return Promise.all(parts.map(function (part) { return PARTS[part.dataset.draw](part, width); })).then(function (made) {
      made.forEach(function (part) { width = Math.max(width, part.width || 0); });
      var y = 0;
      var text = "";
      wrap(box.dataset.title, width, 20, true).forEach(function (line) { y += 26; text += words(0, y, line, 20, { "font-weight": 700 }); });
      y += 10;
      made.forEach(function (part) {
        text += '<g transform="translate(0 ' + y + ')">' + part.text + "</g>";
        y += part.height;
      });
      box.dataset.about.split("\n").forEach(function (line) {
        wrap(line, width, 12).forEach(function (one) { y += 17; text += words(0, y, one, 12, { fill: MUTED }); });
      });
      return frame(box, text, Math.ceil(width + 2 * MARGIN), Math.ceil(y + 2 * MARGIN));
    });
  }

  function frame(box, text, width, height) {
    return {
      width: width,
      height: height,
      text: '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="' + NS + '" width="' + width + '" height="' + height + '" viewBox="0 0 ' + width + " " + height +
        '" font-family="' + escaped(FONT) + '"><title>' + escaped(box.dataset.title) + "</title><desc>" + escaped(box.dataset.about) +
        '</desc><rect width="' + width + '" height="' + height + '" fill="#fff"/><g transform="translate(' + MARGIN + " " + MARGIN + ')">' + text + "</g></svg>"
    };
  }

  function png(image) {
    return new Promise(function (resolve, reject) {
      var picture = new Image();
      picture.onload = function () {
        var canvas = document.createElement("canvas");
        canvas.width = image.width * 2;
        canvas.height = image.height * 2;
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) { return blob ? resolve(blob) : reject(new Error("png")); }, "image/png");
      };
      picture.onerror = function () { reject(new Error("svg")); };
      picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(image.text);
    });
  }

  function save(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }

  function take(box, kind) {
    return compose(box).then(function (image) {
      return kind === "png" ? png(image) : new Blob([image.text], { type: "image/svg+xml" });
    }).then(function (blob) { save(blob, box.dataset.name + "." + kind); });
  }

  function add(box) {
    var list = box.querySelector("ul");
    ["svg", "png"].forEach(function (kind) {
      var item = document.createElement("li");
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = box.dataset[kind];
      button.addEventListener("click", function () {
        button.disabled = true;
        take(box, kind).catch(function () { fault(box); }).then(function () { button.disabled = false; });
      });
      item.appendChild(button);
      list.appendChild(item);
    });
  }

  function fault(box) {
    var said = box.querySelector("[role=alert]") || document.createElement("p");
    said.setAttribute("role", "alert");
    said.textContent = box.dataset.failed;
    box.appendChild(said);
  }

  function start() {
    document.querySelectorAll("[data-budget-export]").forEach(function (box) {
      if (!box.dataset.ready && document.getElementById(box.dataset.budgetExport)) {
        box.dataset.ready = "yes";
        add(box);
      }
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
